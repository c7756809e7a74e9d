import {
  keyColumns,
  versionedTableName,
  type ProjectionDefinition,
  type Row,
  type RowChange,
} from '@chronicle/projection-core';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { deleteSql, writeSql } from './table-sql.js';

/** Writes the rows of one projection version. To be used inside a transaction: it begins and ends none. */
export class RowWriter {
  private readonly columns: readonly string[];
  private readonly key: readonly string[];
  private readonly writeSql: string;
  private readonly deleteSql: string;

  constructor(
    private readonly database: SqliteDatabase,
    { table, version }: ProjectionDefinition,
  ) {
    const name = versionedTableName(table, version);
    this.columns = Object.keys(table.columns);
    this.key = keyColumns(table);
    this.writeSql = writeSql(name, table);
    this.deleteSql = deleteSql(name, table);
  }

  apply(changes: readonly RowChange[]): void {
    for (const change of changes) {
      if (change.kind === 'write') this.database.statement(this.writeSql).run(...values(change.row, this.columns));
      else this.database.statement(this.deleteSql).run(...values(change.key, this.key));
    }
  }
}

/** The values of `columns`, in that order. */
export function values(row: Row, columns: readonly string[]): (string | number | null)[] {
  return columns.map((column) => row[column]!);
}
