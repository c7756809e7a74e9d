import { cut } from '@chronicle/cql';
import type { CqlPort, CqlRow, CqlValue, Statement } from '@chronicle/cql';
import { PAGE_ROWS_MAX, type PageRequest, type ProjectionDefinition, type Row } from '@chronicle/projection-core';
import { clusteringOrder } from './clustering-order.js';
import { DAYS_PART, liveStatements, type LiveStatements } from './live-statements.js';
import { RowCodec } from './stored-row.js';
import {
  SLOT_COLUMN,
  spreadStatements,
  tableStatements,
  type SpreadStatements,
  type TableStatements,
} from './table-cql.js';
import type { TableReader } from './table-reader.js';
import { windowOf } from './time-windows.js';
import { walkWindows, type LiveWindow } from './window-walk.js';

/** The fewest and the most partitions that a round of a page asks. */
const ROUND_PARTITIONS_MIN = 32;
const ROUND_PARTITIONS_MAX = 1024;
/** How many times as many as the round before. */
const ROUND_GROWTH_MAX = 4;
/** Partitions that one request asks. */
const REQUEST_PARTITIONS_MAX = 16;
/** How many more partitions are asked than should do, since they are not alike. */
const MARGIN = 1.5;

/** A row that was read, of which only the key is looked at unless it is answered. */
interface ReadRow {
  readonly key: Row;
  readonly stored: CqlRow;
}

/** What a round found: the next rows, up to `end` (undefined: all rows of its windows). */
interface Round {
  readonly rows: readonly ReadRow[];
  readonly end: Row | undefined;
}

/**
 * Reads a spread table: the directory tells which windows may have rows, and the slots of each are merged. A row that matches all
 * along is in a window that is marked all along, so that no page passes it over.
 */
export class SpreadTableReader implements TableReader {
  readonly #port: CqlPort;
  readonly #definition: Pick<ProjectionDefinition, 'table' | 'version'>;
  readonly #spreadBy: string;
  readonly #statements: TableStatements;
  readonly #spread: SpreadStatements;
  readonly #live: LiveStatements;
  readonly #codec: RowCodec;
  readonly #compare: (left: Row, right: Row) => number;

  constructor(port: CqlPort, definition: Pick<ProjectionDefinition, 'table' | 'version'>, spreadBy: string) {
    this.#port = port;
    this.#definition = definition;
    this.#spreadBy = spreadBy;
    this.#statements = tableStatements(definition);
    this.#spread = spreadStatements(definition);
    this.#live = liveStatements(definition);
    this.#codec = new RowCodec(definition.table);
    this.#compare = clusteringOrder(definition.table);
  }

  /** Asks every slot in which the row's window may have rows. */
  async find(key: Row): Promise<Row | undefined> {
    const partition = this.#codec.partition(key);
    const window = this.#windowOf(key);
    const { value } = await walkWindows(this.#port, this.#live, { partition, order: 'asc', from: window }).next();
    if (value?.window !== window) return undefined;
    const place = this.#codec.clustering(key);
    const found = await Promise.all(
      value.slots.map((slot) => this.#port.readOne(this.#statements.find, [...partition, slot, window, ...place])),
    );
    const row = found.find((one) => one !== undefined);
    return row && this.#codec.row(row);
  }

  async page({ partition, after, limit }: PageRequest): Promise<readonly Row[]> {
    const values = this.#codec.partition(partition);
    const { order } = this.#definition.table.clusteringKey[0]!;
    const from = after && this.#windowOf(after);
    const walk = walkWindows(this.#port, this.#live, { partition: values, order, ...(from !== undefined && { from }) });
    const found: ReadRow[] = [];
    let windows: LiveWindow[] = [];
    let place = after;
    let partitions = ROUND_PARTITIONS_MIN;
    while (found.length < limit) {
      await fill(windows, walk, partitions);
      if (windows.length === 0) break;
      const asked = leading(windows, partitions);
      const { rows, end } = await this.#round(values, asked, place, limit - found.length);
      found.push(...rows);
      const last = end && this.#windowOf(end);
      windows = windows.slice(last === undefined ? asked.length : asked.findIndex(({ window }) => window === last));
      place = end;
      partitions = end === undefined ? more(partitions, rows.length, limit - found.length) : ROUND_PARTITIONS_MIN;
    }
    return found.map(({ stored }) => this.#codec.row(stored));
  }

  async *scan(): AsyncGenerator<readonly Row[], void, undefined> {
    for await (const parts of this.#port.pages(this.#live.partitions, [])) {
      for (const part of parts) {
        if (part.spread_part === DAYS_PART) yield* this.#scanPartition(this.#codec.partitionOf(part));
      }
    }
  }

  async *#scanPartition(partition: Row): AsyncGenerator<readonly Row[], void, undefined> {
    let after: Row | undefined;
    for (;;) {
      const rows = await this.page({ partition, limit: PAGE_ROWS_MAX, ...(after && { after }) });
      if (rows.length === 0) return;
      yield rows;
      after = rows.at(-1)!;
    }
  }

  /** The next rows of these windows, at most `limit`. Where a partition may have more than it was asked for, the round ends. */
  async #round(
    partition: readonly CqlValue[],
    windows: readonly LiveWindow[],
    after: Row | undefined,
    limit: number,
  ): Promise<Round> {
    const rowsMax = Math.min(limit, rowsOfEach(limit, partitionsOf(windows)));
    const begun = after && this.#windowOf(after);
    const read = await Promise.all([
      ...requestsOf(windows.filter(({ window }) => window === begun)).map((request) =>
        this.#rest(partition, request, after!, rowsMax),
      ),
      ...requestsOf(windows.filter(({ window }) => window !== begun)).map((request) =>
        this.#first(partition, request, rowsMax),
      ),
    ]);
    const ends = read
      .flat()
      .filter(({ length }) => length >= rowsMax)
      .map((rows) => rows.at(-1)!.key);
    const end =
      ends.length === 0 ? undefined : ends.reduce((one, other) => (this.#compare(one, other) < 0 ? one : other));
    const rows = read
      .flat(2)
      .filter(({ key }) => end === undefined || this.#compare(key, end) <= 0)
      .sort((left, right) => this.#compare(left.key, right.key));
    return { rows: rows.slice(0, limit), end };
  }

  /** Of each partition, the first rows after a place. */
  async #rest(
    partition: readonly CqlValue[],
    { slots, windows }: PartitionsRequest,
    after: Row,
    rowsMax: number,
  ): Promise<ReadRow[][]> {
    const place = this.#codec.clustering(after);
    const most = rowsMax * slots.length * windows.length;
    const ranges = this.#spread.after.map(({ statement, columns }) =>
      this.#read(statement, [...partition, slots, windows, ...place.slice(0, columns), rowsMax, most], most),
    );
    return this.#byPartition((await Promise.all(ranges)).flat()).map((rows) => rows.slice(0, rowsMax));
  }

  /** Of each partition, the first rows. */
  async #first(
    partition: readonly CqlValue[],
    { slots, windows }: PartitionsRequest,
    rowsMax: number,
  ): Promise<ReadRow[][]> {
    const most = rowsMax * slots.length * windows.length;
    return this.#byPartition(await this.#read(this.#spread.first, [...partition, slots, windows, rowsMax, most], most));
  }

  #byPartition(rows: readonly ReadRow[]): ReadRow[][] {
    const byPartition = new Map<string, ReadRow[]>();
    for (const row of rows) {
      const key = `${String(row.stored[SLOT_COLUMN])} ${this.#windowOf(row.key)}`;
      const ofPartition = byPartition.get(key);
      if (ofPartition === undefined) byPartition.set(key, [row]);
      else ofPartition.push(row);
    }
    return [...byPartition.values()];
  }

  async #read(statement: Statement, values: readonly CqlValue[], rowsMax: number): Promise<ReadRow[]> {
    const read: ReadRow[] = [];
    for await (const rows of this.#port.pages(statement, values, { rowsMax })) {
      for (const stored of rows) read.push({ key: this.#codec.key(stored), stored });
    }
    return read;
  }

  #windowOf(row: Row): number {
    return windowOf(row[this.#spreadBy]);
  }
}

/** Takes windows until they have so many partitions. */
async function fill(windows: LiveWindow[], walk: AsyncIterator<LiveWindow>, partitions: number): Promise<void> {
  while (partitionsOf(windows) < partitions) {
    const { value, done } = await walk.next();
    if (done) return;
    windows.push(value);
  }
}

function partitionsOf(windows: readonly LiveWindow[]): number {
  return windows.reduce((sum, { slots }) => sum + slots.length, 0);
}

/** What one request asks: each of these slots in each of these windows, one or the other being one. */
interface PartitionsRequest {
  readonly slots: readonly number[];
  readonly windows: readonly number[];
}

/** Few windows are asked one by one, each of its slots; many, slot by slot, each in its windows: whichever takes fewer requests. */
function requestsOf(windows: readonly LiveWindow[]): readonly PartitionsRequest[] {
  const bySlot = new Map<number, number[]>();
  for (const { window, slots } of windows) {
    for (const slot of slots) bySlot.set(slot, [...(bySlot.get(slot) ?? []), window]);
  }
  if (windows.length <= bySlot.size) {
    return windows.flatMap(({ window, slots }) =>
      cut(slots, REQUEST_PARTITIONS_MAX).map((some) => ({ slots: some, windows: [window] })),
    );
  }
  return [...bySlot].flatMap(([slot, ofSlot]) =>
    cut(ofSlot, REQUEST_PARTITIONS_MAX).map((some) => ({ slots: [slot], windows: some })),
  );
}

/** How many rows to ask of each of so many partitions for `limit` rows of all: more than its part, by three deviations of chance. */
function rowsOfEach(limit: number, partitions: number): number {
  const part = limit / partitions;
  return Math.ceil(part + 3 * Math.sqrt(part) + 3);
}

/** The first of these windows, up to so many partitions, and at least one. */
function leading(windows: readonly LiveWindow[], partitions: number): readonly LiveWindow[] {
  let count = 0;
  for (let sum = 0; count < windows.length && sum < partitions; count += 1) sum += windows[count]!.slots.length;
  return windows.slice(0, count);
}

/** How many partitions to ask for the rows that are missing, when so many had these rows; not many more, for others may be full. */
function more(partitions: number, rows: number, missing: number): number {
  const needed = Math.ceil((MARGIN * missing * partitions) / Math.max(1, rows));
  return Math.max(ROUND_PARTITIONS_MIN, Math.min(needed, ROUND_GROWTH_MAX * partitions, ROUND_PARTITIONS_MAX));
}
