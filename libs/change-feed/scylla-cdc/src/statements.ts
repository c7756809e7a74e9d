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

/** [ids, from, to]: whole rows, or those columns that were asked for, `from` ≤ `cdc$time` < `to`. */
export function readLog(options: ResolvedOptions, { partition, clustering }: PrimaryKey): CdcStatement {
  if (!options.columns) return statement('cdc.read-log', `SELECT * ${logClauses(options)}`);
  const base = new Set([...[...partition, ...clustering].map(({ name }) => name), ...options.columns]);
  return statement('cdc.read-log', `SELECT ${columnList([...ROW_COLUMNS, ...base])} ${logClauses(options)}`);
}

/** [ids, from, to]: only what tells log groups and their buckets, for looking back. */
export function readLogKeys(options: ResolvedOptions, { partition }: PrimaryKey): CdcStatement {
  const columns = columnList([...GROUP_COLUMNS, ...partition.map(({ name }) => name)]);
  return statement('cdc.read-log-keys', `SELECT ${columns} ${logClauses(options)}`);
}

const GROUP_COLUMNS = ['cdc$stream_id', 'cdc$time', 'cdc$batch_seq_no', 'cdc$end_of_batch'];
const ROW_COLUMNS = [...GROUP_COLUMNS, 'cdc$operation', 'cdc$ttl'];

function columnList(columns: readonly string[]): string {
  return columns.map(quotedName).join(', ');
}

/** BYPASS CACHE exists in ScyllaDB only and comes last: rows read once must not push out what others read often. */
function logClauses({ keyspace, logTable, bypassCache }: ResolvedOptions): string {
  return (
    `FROM ${quoted({ keyspace, table: logTable })} ` +
    `WHERE "cdc$stream_id" IN ? AND "cdc$time" >= ? AND "cdc$time" < ?${bypassCache ? ' BYPASS CACHE' : ''}`
  );
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
