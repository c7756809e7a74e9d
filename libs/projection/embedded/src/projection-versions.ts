import {
  DefinitionChangedError,
  definitionHash,
  versionedTableName,
  type ProjectionDefinition,
} from '@chronicle/projection-core';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { createTableSql } from './table-sql.js';

/** Which versions of a projection have a table, what each was built with, and the one that is read (`live`). */
const VERSIONS_SQL = `
  CREATE TABLE IF NOT EXISTS projection_versions (
    projection_version INTEGER PRIMARY KEY,
    definition_hash TEXT NOT NULL,
    live INTEGER NOT NULL
  ) STRICT`;
const ONE_LIVE_SQL = 'CREATE UNIQUE INDEX IF NOT EXISTS one_live_version ON projection_versions (live) WHERE live = 1';
const LIVE_SQL = 'SELECT projection_version AS version FROM projection_versions WHERE live = 1';

/**
 * Makes the table of this projection version and records it; the first version of a projection is live at once. To be called
 * inside a transaction, at every start. Throws {@link DefinitionChangedError} when the version was recorded with another table.
 */
export function openProjectionVersion(database: SqliteDatabase, definition: ProjectionDefinition): void {
  database.statement(VERSIONS_SQL).run();
  database.statement(ONE_LIVE_SQL).run();
  const hash = definitionHash(definition);
  const recorded = database
    .statement('SELECT definition_hash AS hash FROM projection_versions WHERE projection_version = ?')
    .get(definition.version)?.['hash'] as string | undefined;
  if (recorded !== undefined && recorded !== hash) throw new DefinitionChangedError(definition, recorded);
  const { table, version } = definition;
  database.statement(createTableSql(versionedTableName(table, version), table)).run();
  if (recorded !== undefined) return;
  const live = liveVersion(database) === undefined ? 1 : 0;
  database.statement('INSERT INTO projection_versions VALUES (?, ?, ?)').run(version, hash, live);
}

/** The version that is read; undefined when there is none. */
export function liveVersion(database: SqliteDatabase): number | undefined {
  return database.statement(LIVE_SQL).get()?.['version'] as number | undefined;
}
