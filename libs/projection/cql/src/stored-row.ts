import type { CqlRow, CqlValue } from '@chronicle/cql';
import { InvalidTableError, keyColumns, type Row, type TableDefinition } from '@chronicle/projection-core';
import { ROW_COLUMN, SPREAD_COLUMNS } from './table-cql.js';

/** Rows of one table to and from what is stored of them. */
export class RowCodec {
  readonly #key: readonly string[];
  readonly #partition: readonly string[];
  readonly #clustering: readonly string[];
  readonly #others: readonly string[];

  /** Throws `InvalidTableError` when a column of the key has a name that is needed here. */
  constructor(table: TableDefinition) {
    this.#key = keyColumns(table);
    const taken = [ROW_COLUMN, ...SPREAD_COLUMNS].find((column) => this.#key.includes(column));
    if (taken !== undefined) throw new InvalidTableError(table.name, `no column of its key can be named ${taken}`);
    this.#partition = table.partitionKey;
    this.#clustering = table.clusteringKey.map(({ column }) => column);
    this.#others = Object.keys(table.columns).filter((column) => !this.#key.includes(column));
  }

  /** The values of the logical partition key. */
  partition(row: Row): readonly CqlValue[] {
    return this.#partition.map((column) => toCql(row[column]!));
  }

  /** The values of the clustering key. */
  clustering(row: Row): readonly CqlValue[] {
    return this.#clustering.map((column) => toCql(row[column]!));
  }

  /** What is no key: one value, so that a row is written whole and leaves no tombstones where it has no values. */
  body(row: Row): string {
    return JSON.stringify(Object.fromEntries(this.#others.map((column) => [column, row[column]])));
  }

  row(stored: CqlRow): Row {
    return { ...this.key(stored), ...(JSON.parse(stored[ROW_COLUMN] as string) as Row) };
  }

  /** The primary key of a stored row. */
  key(stored: CqlRow): Row {
    return fromColumns(stored, this.#key);
  }

  /** The logical partition key of a stored row. */
  partitionOf(stored: CqlRow): Row {
    return fromColumns(stored, this.#partition);
  }
}

function fromColumns(stored: CqlRow, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, fromCql(stored[column]!)]));
}

function toCql(value: Row[string]): CqlValue {
  return typeof value === 'number' ? BigInt(value) : value;
}

function fromCql(value: CqlValue): Row[string] {
  return typeof value === 'bigint' ? Number(value) : (value as string);
}
