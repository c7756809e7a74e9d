import type { DatabaseSync } from 'node:sqlite';

/** The tables of a file. A later version only adds to an earlier one, so that old and new builds can share a file. */
export interface SqliteSchema {
  /** From 1; raise it whenever `ddl` changes. */
  readonly version: number;
  /** Statements that bring any earlier version to this one and change nothing when repeated (CREATE … IF NOT EXISTS). */
  readonly ddl: string;
}

/** A newer build has changed the file's tables. Run that build, or a later one; trying again does not help. */
export class NewerSchemaError extends Error {
  readonly code = 'newer-schema';
  readonly retryable = false;
  constructor(
    readonly path: string,
    readonly found: number,
    readonly known: number,
  ) {
    super(
      `${path} has schema version ${found}, this build knows up to ${known}: run the build that wrote it, or a later one`,
    );
    this.name = 'NewerSchemaError';
  }
}

/** Brings the file to `schema`, in one transaction; several processes may do so at once. A file that is there already is only read. */
export function applySchema(connection: DatabaseSync, path: string, schema: SqliteSchema): void {
  if (versionOf(connection) === schema.version) return;
  connection.exec('BEGIN IMMEDIATE');
  const found = versionOf(connection);
  if (found > schema.version) throw new NewerSchemaError(path, found, schema.version);
  connection.exec(schema.ddl);
  connection.exec(`PRAGMA user_version = ${schema.version}`);
  connection.exec('COMMIT');
}

function versionOf(connection: DatabaseSync): number {
  return connection.prepare('PRAGMA user_version').get()!['user_version'] as number;
}
