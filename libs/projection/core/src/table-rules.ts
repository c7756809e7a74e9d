import type { ColumnType, Row, TableDefinition } from './projection.js';

/** A projection rendered rows that its table must not hold: a bug of the projection, which no retry mends. */
export class InvalidRowError extends Error {
  override readonly name = 'InvalidRowError';
  readonly code = 'invalid-row';
  readonly retryable = false;
  constructor(
    readonly table: string,
    readonly aggregateId: string,
    readonly problem: string,
  ) {
    super(`rows of aggregate ${aggregateId} for table ${table}: ${problem}; correct the projection, then redrive`);
  }
}

/** A table definition contradicts itself: nothing can be written by it. */
export class InvalidTableError extends Error {
  override readonly name = 'InvalidTableError';
  readonly code = 'invalid-table';
  readonly retryable = false;
  constructor(
    readonly table: string,
    readonly problem: string,
  ) {
    super(`table ${table}: ${problem}`);
  }
}

/** The columns of a table's primary key, in order: those of the partition key, then those of the clustering key. */
export function keyColumns(table: TableDefinition): readonly string[] {
  return [...table.partitionKey, ...table.clusteringKey.map(({ column }) => column)];
}

/** What rows of one table may look like, compiled once: the checks run for every row that is written. */
export class TableRules {
  /** Every column, in the order of the definition. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
  private readonly types: readonly ColumnType[];

  /** Throws {@link InvalidTableError}. */
  constructor(readonly table: TableDefinition) {
    this.columns = Object.keys(table.columns);
    this.types = Object.values(table.columns);
    this.key = keyColumns(table);
    if (table.partitionKey.length === 0) throw new InvalidTableError(table.name, 'it has no partition key');
    const stranger = this.key.find((column) => !Object.hasOwn(table.columns, column));
    if (stranger !== undefined)
      throw new InvalidTableError(table.name, `its key names ${stranger}, which is no column`);
    if (new Set(this.key).size < this.key.length)
      throw new InvalidTableError(table.name, 'its key names a column twice');
    const { spreadBy } = table;
    if (spreadBy === undefined) return;
    if (spreadBy !== table.clusteringKey[0]?.column || table.columns[spreadBy] !== 'timestamp') {
      throw new InvalidTableError(
        table.name,
        `it is spread by ${spreadBy}, which is not a timestamp that leads its clustering key`,
      );
    }
  }

  /** Throws {@link InvalidRowError} unless these are rows that `aggregateId` may have in the table. */
  check(rows: readonly Row[], aggregateId: string): void {
    for (const row of rows) {
      const problem = this.problemOf(row, aggregateId);
      if (problem !== undefined) throw new InvalidRowError(this.table.name, aggregateId, problem);
    }
    if (rows.length > 1 && new Set(rows.map((row) => this.keyText(row))).size < rows.length) {
      throw new InvalidRowError(this.table.name, aggregateId, `two rows have the same key (${this.key.join(', ')})`);
    }
  }

  /** The row's primary key alone. */
  keyOf(row: Row): Row {
    return Object.fromEntries(this.key.map((column) => [column, row[column]!]));
  }

  /** A text that two rows of this table share exactly when their keys are equal. */
  keyText(row: Row): string {
    return JSON.stringify(this.key.map((column) => row[column]));
  }

  equal(left: Row, right: Row): boolean {
    return this.columns.every((column) => left[column] === right[column]);
  }

  private problemOf(row: Row, aggregateId: string): string | undefined {
    for (let index = 0; index < this.columns.length; index += 1) {
      const column = this.columns[index]!;
      const value = row[column];
      if (value === undefined) return `column ${column} is missing`;
      if (value !== null && !fits(value, this.types[index]!)) return `column ${column} is not a ${this.types[index]}`;
    }
    const stranger = Object.keys(row).length > this.columns.length ? strangerOf(row, this.table) : undefined;
    if (stranger !== undefined) return `${stranger} is no column of the table`;
    const empty = this.key.find((column) => row[column] === null);
    if (empty !== undefined) return `key column ${empty} is null`;
    if (!this.key.some((column) => row[column] === aggregateId)) {
      return `the key (${this.key.join(', ')}) lacks the aggregate's id, so another aggregate could write the same row`;
    }
    return undefined;
  }
}

function fits(value: string | number, type: ColumnType): boolean {
  return type === 'integer' ? Number.isSafeInteger(value) : typeof value === 'string';
}

function strangerOf(row: Row, table: TableDefinition): string | undefined {
  return Object.keys(row).find((column) => !Object.hasOwn(table.columns, column));
}
