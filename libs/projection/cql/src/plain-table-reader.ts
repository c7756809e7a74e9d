import { ringSlices, type CqlPort, type CqlValue, type Statement } from '@chronicle/cql';
import type { PageRequest, ProjectionDefinition, Row } from '@chronicle/projection-core';
import { readAtOnce } from './read-at-once.js';
import { RowCodec } from './stored-row.js';
import { tableStatements, type TableStatements } from './table-cql.js';
import type { TableReader } from './table-reader.js';

/** Slices of the token ring that a scan reads, and how many at a time. */
const SCAN_SLICES = 64;
const SCANS_AT_ONCE = 8;

/** Reads a table whose partitions are the database's own. */
export class PlainTableReader implements TableReader {
  readonly #port: CqlPort;
  readonly #statements: TableStatements;
  readonly #codec: RowCodec;

  constructor(port: CqlPort, definition: Pick<ProjectionDefinition, 'table' | 'version'>) {
    this.#port = port;
    this.#statements = tableStatements(definition);
    this.#codec = new RowCodec(definition.table);
  }

  async find(key: Row): Promise<Row | undefined> {
    const values = [...this.#codec.partition(key), ...this.#codec.clustering(key)];
    const row = await this.#port.readOne(this.#statements.find, values);
    return row && this.#codec.row(row);
  }

  /** The ranges after a place are read at once: all but the last are of rows that tie with it, and mostly empty. */
  async page({ partition, after, limit }: PageRequest): Promise<readonly Row[]> {
    const values = this.#codec.partition(partition);
    if (after === undefined) return this.#rows(this.#statements.first, [...values, limit]);
    const place = this.#codec.clustering(after);
    const ranges = this.#statements.after.map(({ statement, columns }) =>
      this.#rows(statement, [...values, ...place.slice(0, columns), limit]),
    );
    return (await Promise.all(ranges)).flat().slice(0, limit);
  }

  async *scan(): AsyncGenerator<readonly Row[], void, undefined> {
    const slices = ringSlices(SCAN_SLICES).map(({ after, upTo }) =>
      this.#port.pages(this.#statements.slice, [after, upTo]),
    );
    for await (const rows of readAtOnce(slices, SCANS_AT_ONCE)) yield rows.map((row) => this.#codec.row(row));
  }

  async #rows(statement: Statement, values: readonly CqlValue[]): Promise<Row[]> {
    const found: Row[] = [];
    for await (const rows of this.#port.pages(statement, values))
      found.push(...rows.map((row) => this.#codec.row(row)));
    return found;
  }
}
