import type { CdcStatement } from './cdc-session.js';
import type { TableName } from './metadata-tables.js';
import type { ResolvedOptions } from './options.js';
import type { PrimaryKey } from './partition-key.js';

/** Each question that the reader asks, a closed list. */
export interface Statements {
  /** []: whether the keyspace of the table uses tablets. */
  readonly keyspaceTablets: CdcStatement;
  /** []: columns of the base table. */
  readonly baseColumns: CdcStatement;
  /** []: the time of the node that answers. */
  readonly nodeTime: CdcStatement;
  readonly vnodeGenerations: CdcStatement;
  /** [generation]. */
  readonly vnodeStreams: CdcStatement;
  readonly tabletGenerations: CdcStatement;
  /** [generation]: the streams that are current then. */
  readonly tabletStreams: CdcStatement;
}

export function statementsFor(options: ResolvedOptions): Statements {
  const { metadataTables: meta, keyspace, table } = options;
  return {
    keyspaceTablets: statement(
      'cdc.keyspace-tablets',
      `SELECT initial_tablets FROM ${quoted(meta.keyspaces)} WHERE keyspace_name = ${text(keyspace)}`,
    ),
    baseColumns: statement(
      'cdc.base-columns',
      'SELECT column_name, kind, position, type FROM system_schema.columns ' +
        `WHERE keyspace_name = ${text(keyspace)} AND table_name = ${text(table)}`,
    ),
    nodeTime: statement('cdc.node-time', 'SELECT toTimestamp(now()) AS now FROM system.local'),
    vnodeGenerations: statement(
      'cdc.vnode-generations',
      `SELECT time FROM ${quoted(meta.vnodeGenerations)} WHERE key = 'timestamps'`,
    ),
    vnodeStreams: statement(
      'cdc.vnode-streams',
      `SELECT range_end, streams FROM ${quoted(meta.vnodeStreams)} WHERE time = ?`,
    ),
    tabletGenerations: statement(
      'cdc.tablet-generations',
      `SELECT timestamp FROM ${quoted(meta.tabletGenerations)} ` +
        `WHERE keyspace_name = ${text(keyspace)} AND table_name = ${text(table)}`,
    ),
    tabletStreams: statement(
      'cdc.tablet-streams',
      `SELECT stream_id FROM ${quoted(meta.tabletStreams)} WHERE keyspace_name = ${text(keyspace)} ` +
        `AND table_name = ${text(table)} AND timestamp = ? AND stream_state = 0`,
    ),
  };
}

/** A question to the log, in two forms: [ids, from, to], `from` ≤ `cdc$time` < `to`. */
export interface LogStatement {
  /** Page after page. */
  readonly paged: CdcStatement;
  /**
   * At most as many rows as a page has. A server that knows that it will not be asked for more has less to do: Apache Cassandra
   * reads 32 streams with few rows in a quarter of the time (0.6 ms of CPU time instead of 2.8).
   */
  readonly first: CdcStatement;
}

/** Whole rows, or those columns that were asked for. */
export function readLog(options: ResolvedOptions, { partition, clustering }: PrimaryKey): LogStatement {
  const keyColumns = [...partition, ...clustering].map(({ name }) => name);
  const columns = options.columns && columnList([...ROW_COLUMNS, ...new Set([...keyColumns, ...options.columns])]);
  return logStatement(options, 'cdc.read-log', columns ?? '*');
}

/** Only what tells log groups and their buckets. */
export function readLogKeys(options: ResolvedOptions, { partition }: PrimaryKey): LogStatement {
  const columns = columnList([...GROUP_COLUMNS, ...partition.map(({ name }) => name)]);
  return logStatement(options, 'cdc.read-log-keys', columns);
}

const GROUP_COLUMNS = ['cdc$stream_id', 'cdc$time', 'cdc$batch_seq_no', 'cdc$end_of_batch'];
const ROW_COLUMNS = [...GROUP_COLUMNS, 'cdc$operation', 'cdc$ttl'];

function columnList(columns: readonly string[]): string {
  return columns.map(quotedName).join(', ');
}

/** BYPASS CACHE exists in ScyllaDB only and comes last: rows read once must not push out what others read often. */
function logStatement(options: ResolvedOptions, name: string, columns: string): LogStatement {
  const { keyspace, logTable, bypassCache, pageRowsMax } = options;
  const ofStreams = 'WHERE "cdc$stream_id" IN ? AND "cdc$time" >= ? AND "cdc$time" < ?';
  const cql = `SELECT ${columns} FROM ${quoted({ keyspace, table: logTable })} ${ofStreams}`;
  const end = bypassCache ? ' BYPASS CACHE' : '';
  return { paged: statement(name, cql + end), first: statement(name, `${cql} LIMIT ${pageRowsMax}${end}`) };
}

function statement(name: string, cql: string): CdcStatement {
  return Object.freeze({ name, cql });
}

/** Always quoted: names may hold capitals, and those of the log hold a `$`. */
function quoted({ keyspace, table }: TableName): string {
  return `${quotedName(keyspace)}.${quotedName(table)}`;
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
