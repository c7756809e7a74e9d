import { createHash } from 'node:crypto';
import { uuidFromBytes, uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import { CqlUnknownOutcomeError } from './cql-error.js';
import { statement, type CqlPort, type Statement } from './cql-port.js';

export interface SchemaLockOptions {
  readonly keyspace: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** How long to wait for another holder (default 120,000). */
  readonly lockWaitMs?: number;
}

/** Somebody else holds the lock of the schema. Wait until that process has ended, and run again. */
export class SchemaLockedError extends Error {
  override readonly name = 'SchemaLockedError';
  readonly code = 'schema-locked';
  readonly retryable = true;
  constructor(keyspace: string, waitedMs: number) {
    super(`the schema of keyspace ${keyspace} is being changed by another process for more than ${waitedMs} ms`);
  }
}

/** Keeps the lock for another while; throws `SchemaLockedError` when it has been lost. Call before every change. */
export type KeepLock = () => Promise<void>;

/** The holder renews before every change; it has this long for one, or another goes on. */
const LOCK_TTL_S = 60;
const LOCK_WAIT_MS = 120_000;
const LOCK_POLL_MS = 200;

const take = statement(
  'schema-lock.take',
  `INSERT INTO schema_lock (name, holder) VALUES ('schema', ?) IF NOT EXISTS USING TTL ${LOCK_TTL_S}`,
);
const keep = statement(
  'schema-lock.keep',
  `UPDATE schema_lock USING TTL ${LOCK_TTL_S} SET holder = ? WHERE name = 'schema' IF holder = ?`,
);
const release = statement('schema-lock.release', `DELETE FROM schema_lock WHERE name = 'schema' IF holder = ?`);

/**
 * Does `work` while no other process changes the schema or the change log's generations of this keyspace: two nodes of
 * Cassandra that create one table at once leave it with two ids. Throws {@link SchemaLockedError}.
 */
export async function withSchemaLock<Result>(
  port: CqlPort,
  options: SchemaLockOptions,
  work: (keepLock: KeepLock) => Promise<Result>,
): Promise<Result> {
  await port.write(createTableOnce(options.keyspace, 'schema_lock', 'name text PRIMARY KEY, holder uuid'), []);
  const holder = uuidV7(options.clock, options.entropy);
  const { lockWaitMs = LOCK_WAIT_MS } = options;
  await waitFor(port, holder, options, lockWaitMs);
  try {
    return await work(async () => {
      const kept = await port.writeIf([{ statement: keep, values: [holder, holder] }]);
      if (!kept.applied) throw new SchemaLockedError(options.keyspace, 0);
    });
  } finally {
    // If this fails, the lock ends by itself; what `work` has answered is worth more than that.
    await port.writeIf([{ statement: release, values: [holder] }]).catch(() => undefined);
  }
}

async function waitFor(port: CqlPort, holder: string, options: SchemaLockOptions, lockWaitMs: number): Promise<void> {
  const { clock, keyspace } = options;
  const deadline = clock.monotonic() + lockWaitMs;
  while (!(await tryTake(port, holder))) {
    if (clock.monotonic() > deadline) throw new SchemaLockedError(keyspace, lockWaitMs);
    await clock.sleep(LOCK_POLL_MS);
  }
}

/** True when it is ours, also by an earlier attempt whose answer was lost. */
async function tryTake(port: CqlPort, holder: string): Promise<boolean> {
  try {
    const taken = await port.writeIf([{ statement: take, values: [holder] }]);
    return taken.applied || taken.current?.holder === holder;
  } catch (error) {
    if (error instanceof CqlUnknownOutcomeError) return false;
    throw error;
  }
}

/**
 * The creation of a table that processes may create at once, before there is a lock to keep them apart: its id follows from its
 * name, so that they all create the same.
 */
export function createTableOnce(keyspace: string, table: string, columns: string): Statement {
  const id = uuidFromBytes(createHash('sha256').update(`${keyspace}.${table}`).digest(), 8);
  return statement(`schema.create-${table}`, `CREATE TABLE IF NOT EXISTS ${table} (${columns}) WITH id = '${id}'`);
}
