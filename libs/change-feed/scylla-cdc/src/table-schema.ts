import { readAll } from './cdc-session.js';
import { ChangeDecoder } from './decode-changes.js';
import { LogRefusedError, readError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { partitionKeyEncoder, type KeyColumn, type PrimaryKey } from './partition-key.js';
import type { LogTable } from './reader-tools.js';
import { readLog, readLogKeys, type Statements } from './statements.js';

/** Asks for the key of the base table. Errors: LogUnavailableError, LogRefusedError, ReaderOptionsError. */
export async function describeTable(options: ResolvedOptions, statements: Statements): Promise<LogTable> {
  const primaryKey = options.primaryKey ?? (await readPrimaryKey(options, statements));
  return {
    decoder: new ChangeDecoder(primaryKey),
    partitionKeyBytes: options.bucketCount === 1 ? undefined : partitionKeyEncoder(primaryKey.partition),
    readLog: readLog(options, primaryKey),
    readLogKeys: readLogKeys(options, primaryKey),
  };
}

async function readPrimaryKey(options: ResolvedOptions, { baseColumns }: Statements): Promise<PrimaryKey> {
  try {
    const rows = await readAll(options.session, baseColumns, []);
    const columns = (kind: string): readonly KeyColumn[] =>
      rows
        .filter((row) => row.kind === kind)
        .toSorted((a, b) => Number(a.position) - Number(b.position))
        .map((row) => ({ name: String(row.column_name), type: String(row.type) }));
    const partition = columns('partition_key');
    if (partition.length > 0) return { partition, clustering: columns('clustering') };
  } catch (error) {
    throw readError(baseColumns.name, error);
  }
  throw new LogRefusedError(baseColumns.name, new Error(`there is no table ${options.keyspace}.${options.table}`));
}
