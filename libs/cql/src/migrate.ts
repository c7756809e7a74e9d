import { createHash } from 'node:crypto';
import { statement, type CqlPort } from './cql-port.js';
import { createTableOnce, withSchemaLock, type KeepLock, type SchemaLockOptions } from './schema-lock.js';

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

export interface MigrateOptions extends SchemaLockOptions {
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Told of each step as it is decided. */
  readonly onProgress?: (report: MigrationReport) => void;
  /** How long all nodes may take to agree on the schema after a step (default 30,000). */
  readonly agreementTimeoutMs?: number;
}

/** A step is not what was applied: it was changed, which wants a step of its own, or is made for another retention of the log. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
  readonly code = 'migration-changed';
  constructor(readonly id: string) {
    super(
      `migration ${id} is not what was applied to this keyspace: set the retention of the change log as it was then; ` +
        'if it was the step that changed, restore it, and make the change a step of its own',
    );
  }
}

const readMigrations = statement('migrate.read', 'SELECT id, digest FROM schema_migrations');
const recordMigration = statement(
  'migrate.record',
  'INSERT INTO schema_migrations (id, digest, applied_at) VALUES (?, ?, toTimestamp(now())) IF NOT EXISTS',
);
const findMigrations = statement(
  'migrate.find-table',
  `SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'schema_migrations'`,
);
const localSchema = statement('migrate.local-schema', `SELECT schema_version FROM system.local WHERE key = 'local'`);
const peerSchemas = statement('migrate.peer-schemas', 'SELECT schema_version FROM system.peers');

const AGREEMENT_POLL_MS = 200;
const AGREEMENT_TIMEOUT_MS = 30_000;
const MIGRATIONS_COLUMNS = 'id text PRIMARY KEY, digest text, applied_at timestamp';

/**
 * Brings the keyspace to the newest schema. Safe to run twice and by two at once: one goes on under the lock of the schema while
 * the other waits, and then finds every step present. A step is recorded when all nodes have agreed on it; one that was cut
 * short is done again, for every statement can be repeated. Nothing is changed when any step was changed after its release.
 * Throws {@link MigrationChangedError}, `SchemaLockedError`; `StoreUnavailableError` and `CqlUnknownOutcomeError`, after which it
 * is run again.
 */
export async function migrate(
  port: CqlPort,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<readonly MigrationReport[]> {
  const steps = [...migrations].sort((left, right) => (left.id < right.id ? -1 : 1)).map(parse);
  if (options.dryRun) return plan(port, steps, options);
  return withSchemaLock(port, options, async (keepLock) => {
    await port.write(createTableOnce(options.keyspace, 'schema_migrations', MIGRATIONS_COLUMNS), []);
    await schemaAgreement(port, options);
    const applied = await appliedDigests(port);
    refuseChanged(steps, applied);
    const reports: MigrationReport[] = [];
    for (const step of steps) {
      if (!applied.has(step.id)) await apply(port, step, keepLock, options);
      reports.push(told(step, applied.has(step.id) ? 'present' : 'applied', options));
    }
    return reports;
  });
}

interface Step {
  readonly id: string;
  readonly statements: readonly string[];
  readonly digest: string;
}

function parse({ id, cql }: Migration): Step {
  const statements = splitStatements(cql);
  return { id, statements, digest: createHash('sha256').update(statements.join(';')).digest('hex') };
}

async function plan(port: CqlPort, steps: readonly Step[], options: MigrateOptions): Promise<MigrationReport[]> {
  const applied = (await hasMigrations(port, options.keyspace)) ? await appliedDigests(port) : new Map();
  refuseChanged(steps, applied);
  return steps.map((step) => told(step, applied.has(step.id) ? 'present' : 'would be applied', options));
}

function refuseChanged(steps: readonly Step[], applied: ReadonlyMap<string, string>): void {
  for (const { id, digest } of steps) {
    if (applied.has(id) && applied.get(id) !== digest) throw new MigrationChangedError(id);
  }
}

async function apply(port: CqlPort, step: Step, keepLock: KeepLock, options: MigrateOptions): Promise<void> {
  for (const [index, cql] of step.statements.entries()) {
    await keepLock();
    await port.write(statement(`migration.${step.id}.${index + 1}`, cql), []);
    await schemaAgreement(port, options);
  }
  await port.writeIf([{ statement: recordMigration, values: [step.id, step.digest] }]);
}

function told(step: Step, outcome: MigrationReport['outcome'], options: MigrateOptions): MigrationReport {
  const report = { id: step.id, outcome, statements: step.statements.length };
  options.onProgress?.(report);
  return report;
}

/** The statements of a migration, without comments. */
export function splitStatements(cql: string): string[] {
  return cql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
}

async function hasMigrations(port: CqlPort, keyspace: string): Promise<boolean> {
  return (await port.readOne(findMigrations, [keyspace])) !== undefined;
}

async function appliedDigests(port: CqlPort): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for await (const rows of port.pages(readMigrations, [])) {
    for (const { id, digest } of rows) digests.set(String(id), String(digest));
  }
  return digests;
}

async function schemaAgreement(port: CqlPort, options: MigrateOptions): Promise<void> {
  const { clock, agreementTimeoutMs = AGREEMENT_TIMEOUT_MS } = options;
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
