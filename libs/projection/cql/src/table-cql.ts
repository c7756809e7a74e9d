import { statement, type Statement } from '@chronicle/cql';
import {
  keyColumns,
  versionedTableName,
  type ColumnType,
  type ProjectionDefinition,
  type TableDefinition,
} from '@chronicle/projection-core';

/** The column that holds what is no key, as one JSON text (docs/decisions/0009). */
export const ROW_COLUMN = 'row_json';
/** The columns by which the partitions of a spread table are cut further. */
export const SLOT_COLUMN = 'spread_slot';
export const SPREAD_COLUMNS = [SLOT_COLUMN, 'spread_window'] as const;

/**
 * How long the deletes of a spread table are kept for a node that was away: longer than the three hours for which the others keep
 * hints for it.
 */
const SPREAD_GC_GRACE_S = 4 * 60 * 60;

/** Texts and integers order in every engine alike, and hold whatever the rules of a table allow. */
export const columnTypes: { readonly [type in ColumnType]: 'text' | 'bigint' } = {
  uuid: 'text',
  text: 'text',
  timestamp: 'text',
  json: 'text',
  integer: 'bigint',
};

/**
 * The statements of a read model's table. "Its partition" is the database's: for a spread table a slot and a window of the
 * logical one.
 */
export interface TableStatements {
  /** Values: partition, clustering key, row, timestamp. */
  readonly write: Statement;
  /** Values: timestamp, partition, clustering key. */
  readonly remove: Statement;
  /** Values: partition, clustering key. */
  readonly find: Statement;
  /** The first rows of a partition. Values: partition, number of rows. */
  readonly first: Statement;
  /**
   * The rows after a place, in ranges that follow one another: those equal to it in all columns of the clustering key but the
   * last, in all but the last two, and so on. Values: partition, the first `columns` values of the place, number of rows.
   */
  readonly after: readonly { readonly statement: Statement; readonly columns: number }[];
  /** The rows in a slice of the token ring. Values: the tokens before its first and of its last. */
  readonly slice: Statement;
}

export function tableStatements({ table, version }: Pick<ProjectionDefinition, 'table' | 'version'>): TableStatements {
  const name = versionedTableName(table, version);
  const partition = partitionColumns(table);
  const clustering = table.clusteringKey.map(({ column }) => column);
  const columns = [...partition, ...clustering, ROW_COLUMN];
  const key = equal([...partition, ...clustering]);
  const select = selectCql(table, name);
  const of = (action: string, cql: string) => statement(`read-model.${action}.${name}`, cql);
  const after = afterRanges(table).map(({ where, columns }) => ({
    statement: of(`after-${columns}`, `${select} WHERE ${equal(partition)} AND ${where} LIMIT ?`),
    columns,
  }));
  const token = `token(${partition.map(quoted).join(', ')})`;
  return {
    write: of(
      'write',
      `INSERT INTO ${quoted(name)} (${columns.map(quoted).join(', ')}) VALUES (${places(columns)}) USING TIMESTAMP ?`,
    ),
    remove: of('remove', `DELETE FROM ${quoted(name)} USING TIMESTAMP ? WHERE ${key}`),
    find: of('find', `${select} WHERE ${key}`),
    first: of('first', `${select} WHERE ${equal(partition)} LIMIT ?`),
    after,
    slice: of('slice', `${select} WHERE ${token} > ? AND ${token} <= ?`),
  };
}

/** The statements of a spread table that read several of its partitions: of each of some slots in each of some windows. */
export interface SpreadStatements {
  /** The first rows. Values: logical partition, slots, windows, rows of each, rows of all. */
  readonly first: Statement;
  /** As {@link TableStatements.after}. Values: logical partition, slots, windows, values of the place, rows of each, rows of all. */
  readonly after: TableStatements['after'];
}

export function spreadStatements({
  table,
  version,
}: Pick<ProjectionDefinition, 'table' | 'version'>): SpreadStatements {
  const name = versionedTableName(table, version);
  const ofSlots = SPREAD_COLUMNS.map((column) => `${quoted(column)} IN ?`).join(' AND ');
  const select = `${selectCql(table, name, SLOT_COLUMN)} WHERE ${equal(table.partitionKey)} AND ${ofSlots}`;
  const of = (action: string, where: string) =>
    statement(`read-model.spread-${action}.${name}`, `${select}${where} PER PARTITION LIMIT ? LIMIT ?`);
  return {
    first: of('first', ''),
    after: afterRanges(table).map(({ where, columns }) => ({
      statement: of(`after-${columns}`, ` AND ${where}`),
      columns,
    })),
  };
}

/** The table of a projection version; may be carried out twice. */
export function createTableCql({ table, version }: Pick<ProjectionDefinition, 'table' | 'version'>): string {
  const columns = [
    ...keyColumns(table).map((column) => `${quoted(column)} ${columnTypes[table.columns[column]!]}`),
    ...(table.spreadBy === undefined ? [] : SPREAD_COLUMNS.map((column) => `${quoted(column)} int`)),
    `${quoted(ROW_COLUMN)} text`,
  ];
  const clustering = table.clusteringKey.map(({ column }) => `, ${quoted(column)}`).join('');
  const key = `PRIMARY KEY ((${partitionColumns(table).map(quoted).join(', ')})${clustering})`;
  const order = table.clusteringKey.map((one) => `${quoted(one.column)} ${one.order.toUpperCase()}`).join(', ');
  const options = [
    ...(order === '' ? [] : [`CLUSTERING ORDER BY (${order})`]),
    ...(table.spreadBy === undefined ? [] : [`gc_grace_seconds = ${SPREAD_GC_GRACE_S}`]),
  ];
  const name = quoted(versionedTableName(table, version));
  const withOptions = options.length === 0 ? '' : ` WITH ${options.join(' AND ')}`;
  return `CREATE TABLE IF NOT EXISTS ${name} (${columns.join(', ')}, ${key})${withOptions}`;
}

/** The columns of the database's own partition key. */
export function partitionColumns(table: TableDefinition): readonly string[] {
  return [...table.partitionKey, ...(table.spreadBy === undefined ? [] : SPREAD_COLUMNS)];
}

/** A name as CQL takes it, whatever characters it has. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The rows after a place: equal to it in all columns of the clustering key but the last, in all but the last two, and so on. */
function afterRanges({
  clusteringKey,
}: TableDefinition): readonly { readonly where: string; readonly columns: number }[] {
  const ranges = clusteringKey.map(({ column, order }, index) => {
    const before = clusteringKey.slice(0, index).map((one) => `${quoted(one.column)} = ? AND `);
    return { where: `${before.join('')}${quoted(column)} ${order === 'asc' ? '>' : '<'} ?`, columns: index + 1 };
  });
  return ranges.reverse();
}

function selectCql(table: TableDefinition, name: string, ...besides: readonly string[]): string {
  return `SELECT ${[...keyColumns(table), ...besides, ROW_COLUMN].map(quoted).join(', ')} FROM ${quoted(name)}`;
}

function equal(columns: readonly string[]): string {
  return columns.map((column) => `${quoted(column)} = ?`).join(' AND ');
}

function places(columns: readonly string[]): string {
  return columns.map(() => '?').join(', ');
}
