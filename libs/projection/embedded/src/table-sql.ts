import { keyColumns, type ColumnType, type TableDefinition } from '@chronicle/projection-core';

/** A column and the direction in which rows are ordered by it. */
export interface OrderedColumn {
  readonly column: string;
  readonly order: 'asc' | 'desc';
}

const sqlTypes: { readonly [type in ColumnType]: 'TEXT' | 'INTEGER' } = {
  uuid: 'TEXT',
  text: 'TEXT',
  timestamp: 'TEXT',
  json: 'TEXT',
  integer: 'INTEGER',
};

/** A name as SQL takes it, whatever characters it has. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The partition key's columns in the order in which a table's partitions lie. */
export function partitionOrder(table: TableDefinition): readonly OrderedColumn[] {
  return table.partitionKey.map((column) => ({ column, order: 'asc' as const }));
}

/** The primary key's columns in the order in which a table's rows lie. */
export function keyOrder(table: TableDefinition): readonly OrderedColumn[] {
  return [...partitionOrder(table), ...table.clusteringKey];
}

/** Rows of a partition lie together in clustering order, so that a page is one range of one B-tree. */
export function createTableSql(name: string, table: TableDefinition): string {
  const key = keyColumns(table);
  const columns = Object.entries(table.columns).map(
    ([column, type]) => `${quoted(column)} ${sqlTypes[type]}${key.includes(column) ? ' NOT NULL' : ''}`,
  );
  return `CREATE TABLE IF NOT EXISTS ${quoted(name)} (${columns.join(', ')}, PRIMARY KEY (${orderSql(keyOrder(table))})) STRICT, WITHOUT ROWID`;
}

/** Writes a row whole; its values in the order of the definition's columns. */
export function writeSql(name: string, table: TableDefinition): string {
  const columns = Object.keys(table.columns);
  const places = columns.map(() => '?').join(', ');
  return `INSERT OR REPLACE INTO ${quoted(name)} (${columns.map(quoted).join(', ')}) VALUES (${places})`;
}

/** Deletes the row with a key; its values in the order of {@link keyColumns}. */
export function deleteSql(name: string, table: TableDefinition): string {
  return `DELETE FROM ${quoted(name)} WHERE ${equalSql(keyColumns(table))}`;
}

/** The row with a key; its values in the order of {@link keyColumns}. */
export function findSql(name: string, table: TableDefinition): string {
  return `SELECT ${columnsSql(table)} FROM ${quoted(name)} WHERE ${equalSql(keyColumns(table))}`;
}

/**
 * Rows in the order of `order`, in which `fixed` columns are equal to given values; after a place in the columns `after` (the
 * first ones of `order`), or from the first when there are none. LIMIT last.
 */
export function pageSql(
  name: string,
  table: TableDefinition,
  range: {
    readonly fixed: readonly string[];
    readonly order: readonly OrderedColumn[];
    readonly after: readonly OrderedColumn[];
  },
): string {
  const conditions = [
    ...range.fixed.map((column) => `${quoted(column)} = ?`),
    ...(range.after.length > 0 ? [afterSql(range.after, range.fixed.length + 1)] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const order = [...range.fixed.map((column) => ({ column, order: 'asc' as const })), ...range.order];
  return `SELECT ${columnsSql(table)} FROM ${quoted(name)}${where} ORDER BY ${orderSql(order)} LIMIT ?`;
}

/**
 * True for rows that come after a place in `order`, whose values are bound from parameter `first` on. Where all columns go one
 * way it is a row-value comparison; else it is spelled out, with a bound on the first column that the B-tree can seek by.
 */
function afterSql(order: readonly OrderedColumn[], first: number): string {
  const place = (index: number) => `?${first + index}`;
  const beyond = (direction: 'asc' | 'desc') => (direction === 'asc' ? '>' : '<');
  const directions = new Set(order.map((column) => column.order));
  if (directions.size === 1) {
    const columns = order.map(({ column }) => quoted(column)).join(', ');
    return `(${columns}) ${beyond(order[0]!.order)} (${order.map((_, index) => place(index)).join(', ')})`;
  }
  const later = order.reduceRight((rest, { column, order: direction }, index) => {
    const past = `${quoted(column)} ${beyond(direction)} ${place(index)}`;
    return rest === '' ? past : `(${past} OR (${quoted(column)} = ${place(index)} AND ${rest}))`;
  }, '');
  return `${quoted(order[0]!.column)} ${beyond(order[0]!.order)}= ${place(0)} AND ${later}`;
}

function columnsSql(table: TableDefinition): string {
  return Object.keys(table.columns).map(quoted).join(', ');
}

function equalSql(columns: readonly string[]): string {
  return columns.map((column) => `${quoted(column)} = ?`).join(' AND ');
}

function orderSql(order: readonly OrderedColumn[]): string {
  return order.map(({ column, order: direction }) => `${quoted(column)} ${direction.toUpperCase()}`).join(', ');
}
