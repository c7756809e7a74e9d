import { createHash } from 'node:crypto';
import type { Clock } from '@chronicle/seams';
import { statement, type CqlPort } from './cql-port.js';

/** One step of the schema: applied once, in the order of ids, never changed after its release. */
export interface Migration {
  /** Sorts; for instance `001-event-store`. */
  readonly id: string;
  /** Statements separated by `;` at the end of a line; `--` begins a comment. Each may be carried out twice. */
  readonly cql: string;
}

export interface MigrationReport {
  readonly id: string;
  readonly outcome: 'applied' | 'present' | 'would be applied';
  readonly statements: number;
}

export interface MigrateOptions {
  readonly clock: Clock;
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Told of each step as it is decided. */
  readonly onProgress?: (report: MigrationReport) => void;
  /** How long all nodes may take to agree on the schema after a step (default 30,000). */
  readonly agreementTimeoutMs?: number;
}

/** A step was changed after it had been applied. Put the change into a new step. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
  readonly code = 'migration-changed';
  constructor(readonly id: string) {
    super(
      `migration ${id} is not what was applied to this keyspace: restore it, and make the change a step of its own`,
    );
  }
}

const createMigrations = statement(
  'migrate.create-table',
  `CREATE TABLE IF NOT EXISTS schema_migrations (id text PRIMARY KEY, digest text, applied_at timestamp)`,
);
const readMigrations = statement('migrate.read', 'SELECT id, digest FROM schema_migrations');
const recordMigration = statement(
  'migrate.record',
  'INSERT INTO schema_migrations (id, digest, applied_at) VALUES (?, ?, toTimestamp(now())) IF NOT EXISTS',
);
const localSchema = statement('migrate.local-schema', `SELECT schema_version FROM system.local WHERE key = 'local'`);
const peerSchemas = statement('migrate.peer-schemas', 'SELECT schema_version FROM system.peers');

const AGREEMENT_POLL_MS = 200;

/**
 * Brings the keyspace to the newest schema. Safe to run twice and by two at once: every statement can be repeated, and a
 * step is recorded by a conditional write, after it and agreement on it. Throws {@link MigrationChangedError};
 * `StoreUnavailableError`, after which it is run again.
 */
export async function migrate(
  port: CqlPort,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<readonly MigrationReport[]> {
  if (!options.dryRun) await port.write(createMigrations, []);
  const applied = await appliedDigests(port);
  const reports: MigrationReport[] = [];
  for (const migration of [...migrations].sort((left, right) => (left.id < right.id ? -1 : 1))) {
    const report = await step(port, migration, applied.get(migration.id), options);
    options.onProgress?.(report);
    reports.push(report);
  }
  return reports;
}

async function step(
  port: CqlPort,
  migration: Migration,
  appliedDigest: string | undefined,
  options: MigrateOptions,
): Promise<MigrationReport> {
  const statements = splitStatements(migration.cql);
  const digest = createHash('sha256').update(statements.join(';')).digest('hex');
  const report = (outcome: MigrationReport['outcome']) => ({
    id: migration.id,
    outcome,
    statements: statements.length,
  });
  if (appliedDigest !== undefined && appliedDigest !== digest) throw new MigrationChangedError(migration.id);
  if (appliedDigest !== undefined) return report('present');
  if (options.dryRun) return report('would be applied');
  for (const [index, cql] of statements.entries()) {
    await port.write(statement(`migration.${migration.id}.${index + 1}`, cql), []);
    await schemaAgreement(port, options);
  }
  await port.writeIf([{ statement: recordMigration, values: [migration.id, digest] }]);
  return report('applied');
}

/** The statements of a migration, without comments. */
export function splitStatements(cql: string): string[] {
  return cql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
}

async function appliedDigests(port: CqlPort): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for await (const rows of port.pages(readMigrations, [])) {
    for (const { id, digest } of rows) digests.set(String(id), String(digest));
  }
  return digests;
}

async function schemaAgreement(port: CqlPort, options: MigrateOptions): Promise<void> {
  const { clock, agreementTimeoutMs = 30_000 } = options;
  const deadline = clock.monotonic() + agreementTimeoutMs;
  for (;;) {
    const versions = new Set<string>();
    for (const source of [localSchema, peerSchemas]) {
      for (const row of (await port.read(source, [])).rows) versions.add(String(row.schema_version));
    }
    if (versions.size === 1) return;
    if (clock.monotonic() > deadline) {
      throw new Error(
        `the nodes hold ${versions.size} versions of the schema after ${agreementTimeoutMs} ms: run migrate again`,
      );
    }
    await clock.sleep(AGREEMENT_POLL_MS);
  }
}
