import { join } from 'node:path';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import {
  PAGE_ROWS_MAX,
  ReadModelReader,
  keyColumns,
  versionedTableName,
  type PageRequest,
  type ProjectionDefinition,
  type Row,
  type TableDefinition,
} from '@chronicle/projection-core';
import { SqliteReader, type SqliteDatabase } from '@chronicle/sqlite';
import { liveVersion } from './projection-versions.js';
import { values } from './row-writer.js';
import { findSql, keyOrder, pageSql, partitionOrder } from './table-sql.js';

/** Reads the live version of a read model from its consumer group's file, beside the worker that writes it. */
export class EmbeddedReadModelReader extends ReadModelReader {
  private readonly file: SqliteReader;
  private readonly table: TableDefinition;
  private readonly key: readonly string[];
  private readonly clustering: readonly string[];

  /** `dataDir` is absolute. File and table may come later: until then, reading throws `StoreUnavailableError`. */
  constructor(dataDir: string, definition: Pick<ProjectionDefinition, 'group' | 'table'>) {
    super();
    this.file = new SqliteReader(join(dataDir, `${definition.group}.db`));
    this.table = definition.table;
    this.key = keyColumns(this.table);
    this.clustering = this.table.clusteringKey.map(({ column }) => column);
  }

  find(key: Row): Promise<Row | undefined> {
    return this.file.read((database) => {
      const sql = findSql(this.liveTable(database), this.table);
      return database.statement(sql).get(...values(key, this.key)) as Row | undefined;
    });
  }

  async page({ partition, after, limit }: PageRequest): Promise<readonly Row[]> {
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE_ROWS_MAX) {
      throw new RangeError(`a page of ${limit} rows was asked for: expected 1 to ${PAGE_ROWS_MAX}`);
    }
    if (after !== undefined && this.clustering.length === 0) return []; // a partition is one row
    return this.file.read((database) => {
      const order = this.table.clusteringKey;
      const range = { fixed: this.table.partitionKey, order, after: after === undefined ? [] : order };
      const place = after === undefined ? [] : values(after, this.clustering);
      const statement = database.statement(pageSql(this.liveTable(database), this.table, range));
      return statement.all(...values(partition, this.table.partitionKey), ...place, limit) as Row[];
    });
  }

  async *scan(): AsyncGenerator<readonly Row[], void, undefined> {
    let name: string | undefined; // a version that is promoted meanwhile does not mix into this scan
    const rowsAfter = (database: SqliteDatabase, last: Row | undefined) => {
      name ??= this.liveTable(database);
      return this.rowsAfter(database, name, last);
    };
    yield* this.file.pages(rowsAfter, charactersOf);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /**
   * The rest of the partition, then the partitions after it: two ranges that the B-tree seeks. One comparison of the whole key,
   * whose columns go both ways, would read a partition from its start for every page.
   */
  private *rowsAfter(database: SqliteDatabase, name: string, last: Row | undefined): Generator<Row> {
    const { table } = this;
    const partition = last === undefined ? [] : values(last, table.partitionKey);
    if (last !== undefined && this.clustering.length > 0) {
      const range = { fixed: table.partitionKey, order: table.clusteringKey, after: table.clusteringKey };
      const place = [...partition, ...values(last, this.clustering), PAGE_ROWS_MAX];
      yield* database.rows<Row>(pageSql(name, table, range), ...place);
    }
    const range = { fixed: [], order: keyOrder(table), after: last === undefined ? [] : partitionOrder(table) };
    yield* database.rows<Row>(pageSql(name, table, range), ...partition, PAGE_ROWS_MAX);
  }

  private liveTable(database: SqliteDatabase): string {
    const version = liveVersion(database);
    if (version === undefined) throw new StoreUnavailableError(`${this.file.path} has no read model (yet)`);
    return versionedTableName(this.table, version);
  }
}

function charactersOf(row: Row): number {
  let characters = 0;
  for (const value of Object.values(row)) characters += typeof value === 'string' ? value.length : 8;
  return characters;
}
