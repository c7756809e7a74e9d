import { murmur3Token, type CqlRow, type CqlValue } from '@chronicle/cql';
import { orderedText, partitionKeyBytes, sameOrLarger, type ColumnType } from './column-type.js';

/** What a table is made of; its names are those of the schema. */
export interface TableShape {
  readonly partition: Readonly<Record<string, ColumnType>>;
  readonly clustering?: Readonly<Record<string, ColumnType>>;
  /** Newest, or largest, first. */
  readonly descending?: boolean;
  readonly statics?: readonly string[];
  readonly columns: readonly string[];
}

/** When a write counts: microseconds since 1970, as its coordinator or its statement says. */
export interface Stamp {
  readonly timestamp: number;
  /** ms since 1970; absent: never. */
  readonly expiresAt?: number;
}

/** The columns that are written; undefined leaves one as it is, null deletes it. */
export type Cells = Readonly<Record<string, CqlValue>>;

/** One change of one partition. */
export type Mutation =
  | {
      readonly kind: 'put';
      readonly table: MemoryTable;
      readonly partition: readonly CqlValue[];
      /** Absent: the static columns. */
      readonly clustering?: readonly CqlValue[];
      readonly cells: Cells;
      /** An INSERT makes the row be there, even without any cell. */
      readonly insert: boolean;
      readonly stamp: Stamp;
    }
  | {
      readonly kind: 'delete';
      readonly table: MemoryTable;
      readonly partition: readonly CqlValue[];
      /** Absent: the whole partition. */
      readonly range?: ClusteringRange;
      readonly stamp: Stamp;
    };

/** Rows of a partition: `from` and `to` are included. Those of a descending table too are given from the lower to the upper. */
export interface ClusteringRange {
  readonly from?: readonly CqlValue[];
  readonly to?: readonly CqlValue[];
  /** The first that is not included. */
  readonly before?: readonly CqlValue[];
}

/** A part of the ring, and of each partition in it. */
export interface RingRange {
  /** The token before the first one. */
  readonly after?: bigint;
  /** The last one. */
  readonly upTo?: bigint;
  readonly range?: ClusteringRange;
}

/** A row as it was found, and where: places sort as the database gives the rows. */
export interface FoundRow {
  readonly place: string;
  readonly row: CqlRow;
}

interface Cell {
  readonly value: CqlValue;
  readonly stamp: Stamp;
}

interface Tombstone {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly timestamp: number;
}

interface Row {
  readonly place: string;
  readonly key: CqlRow;
  marker: Cell | undefined;
  readonly cells: Map<string, Cell>;
}

interface Partition {
  readonly key: CqlRow;
  readonly values: readonly CqlValue[];
  readonly statics: Map<string, Cell>;
  readonly rows: Map<string, Row>;
  readonly tombstones: Tombstone[];
  sorted: Row[] | undefined;
  place: string | undefined;
}

const PRESENT = true;

/**
 * One table on one logical replica: cells with the times of their writes. The latest write wins; at equal times a deletion does,
 * then the larger value.
 */
export class MemoryTable {
  readonly #shape: TableShape;
  readonly #statics: ReadonlySet<string>;
  readonly #partitions = new Map<string, Partition>();

  constructor(shape: TableShape) {
    this.#shape = shape;
    this.#statics = new Set(shape.statics);
  }

  apply(mutation: Mutation): void {
    const partition = this.#partition(mutation.partition);
    if (mutation.kind === 'put') return this.#put(partition, mutation);
    const { from, to } = mutation.range ?? {};
    partition.tombstones.push({
      from: from && this.#clusteringPlace(from),
      to: to && this.#clusteringPlace(to),
      timestamp: mutation.stamp.timestamp,
    });
  }

  /** The rows of one partition in their order; if it has none, one of its static columns, unless a range was asked for. */
  find(partition: readonly CqlValue[], columns: readonly string[], now: number, range?: ClusteringRange): FoundRow[] {
    const found = this.#partitions.get(keyText(partition));
    return found ? this.#rowsOf(found, columns, now, range) : [];
  }

  /** The rows of all partitions, as the ring has them: by token. */
  scan(columns: readonly string[], now: number, { after, upTo, range }: RingRange = {}): FoundRow[] {
    const from = after === undefined ? '' : `${tokenText(after)}~`;
    const to = upTo === undefined ? '~' : `${tokenText(upTo)}~`;
    const partitions = [...this.#partitions.values()];
    const placed = partitions.map((partition) => ({ partition, place: this.#placeOf(partition) }));
    return placed
      .filter(({ place }) => place > from && place < to)
      .sort((left, right) => (left.place < right.place ? -1 : 1))
      .flatMap(({ partition }) => this.#rowsOf(partition, columns, now, range));
  }

  #put(partition: Partition, { clustering, cells, insert, stamp }: Mutation & { readonly kind: 'put' }): void {
    const row = clustering && this.#row(partition, clustering);
    if (row && insert) row.marker = later(row.marker, { value: PRESENT, stamp });
    for (const [column, value] of Object.entries(cells)) {
      if (value === undefined) continue;
      const target = this.#statics.has(column) ? partition.statics : row?.cells;
      if (!target) throw new Error(`column ${column} is of rows: expected a clustering key`);
      target.set(column, later(target.get(column), { value, stamp }));
    }
  }

  #rowsOf(partition: Partition, columns: readonly string[], now: number, range?: ClusteringRange): FoundRow[] {
    const place = this.#placeOf(partition);
    partition.sorted ??= [...partition.rows.values()].sort((left, right) => (left.place < right.place ? -1 : 1));
    const { from, to, before } = range ?? {};
    const first = from && this.#clusteringPlace(from);
    const last = to && this.#clusteringPlace(to);
    const end = before && this.#clusteringPlace(before);
    const found: FoundRow[] = [];
    for (const row of partition.sorted) {
      if ((first !== undefined && row.place < first) || (last !== undefined && row.place > last)) continue;
      if (end !== undefined && row.place >= end) continue;
      if (this.#isThere(partition, row, now)) {
        found.push({ place: `${place}/${row.place}`, row: this.#view(partition, row, columns, now) });
      }
    }
    if (found.length === 0 && !range && this.#hasStatics(partition, now)) {
      found.push({ place: `${place}/`, row: this.#view(partition, undefined, columns, now) });
    }
    return found;
  }

  #view(partition: Partition, row: Row | undefined, columns: readonly string[], now: number): CqlRow {
    const view: Record<string, CqlValue> = {};
    const deletedAt = row ? deletionOf(partition, row.place) : 0;
    for (const column of columns) {
      if (column in partition.key) view[column] = partition.key[column];
      else if (row && column in row.key) view[column] = row.key[column];
      else if (this.#statics.has(column)) {
        view[column] = living(partition.statics.get(column), wholeDeletion(partition), now) ?? null;
      } else view[column] = living(row?.cells.get(column), deletedAt, now) ?? null;
    }
    return view;
  }

  #isThere(partition: Partition, row: Row, now: number): boolean {
    const deletedAt = deletionOf(partition, row.place);
    if (living(row.marker, deletedAt, now) !== undefined) return true;
    for (const cell of row.cells.values()) if (living(cell, deletedAt, now) !== undefined) return true;
    return false;
  }

  #hasStatics(partition: Partition, now: number): boolean {
    const deletedAt = wholeDeletion(partition);
    for (const cell of partition.statics.values()) if (living(cell, deletedAt, now) !== undefined) return true;
    return false;
  }

  #partition(values: readonly CqlValue[]): Partition {
    const text = keyText(values);
    const known = this.#partitions.get(text);
    if (known) return known;
    const partition: Partition = {
      key: keyOf(this.#shape.partition, values),
      values,
      statics: new Map(),
      rows: new Map(),
      tombstones: [],
      sorted: undefined,
      place: undefined,
    };
    this.#partitions.set(text, partition);
    return partition;
  }

  #row(partition: Partition, values: readonly CqlValue[]): Row {
    const place = this.#clusteringPlace(values);
    const known = partition.rows.get(place);
    if (known) return known;
    const row: Row = { place, key: keyOf(this.#shape.clustering ?? {}, values), marker: undefined, cells: new Map() };
    partition.rows.set(place, row);
    partition.sorted = undefined;
    return row;
  }

  #placeOf(partition: Partition): string {
    if (partition.place === undefined) {
      const types = Object.values(this.#shape.partition);
      const token = murmur3Token(partitionKeyBytes(types, partition.values));
      partition.place = `${tokenText(token)}${keyText(partition.values)}`;
    }
    return partition.place;
  }

  #clusteringPlace(values: readonly CqlValue[]): string {
    const types = Object.values(this.#shape.clustering ?? {});
    const { descending = false } = this.#shape;
    return values.map((value, index) => orderedText(types[index]!, value, descending)).join('/');
  }
}

/** Of two writes of one cell the one that stands. */
function later(standing: Cell | undefined, written: Cell): Cell {
  if (!standing || standing.stamp.timestamp < written.stamp.timestamp) return written;
  if (standing.stamp.timestamp > written.stamp.timestamp) return standing;
  if (standing.value === null) return standing;
  return written.value === null || sameOrLarger(written.value, standing.value) ? written : standing;
}

function living(cell: Cell | undefined, deletedAt: number, now: number): CqlValue | undefined {
  if (!cell || cell.value === null || cell.stamp.timestamp <= deletedAt) return undefined;
  const { expiresAt } = cell.stamp;
  return expiresAt === undefined || expiresAt > now ? cell.value : undefined;
}

function deletionOf({ tombstones }: Partition, place: string): number {
  let deletedAt = 0;
  for (const { from, to, timestamp } of tombstones) {
    const covers = (from === undefined || place >= from) && (to === undefined || place <= to);
    if (covers && timestamp > deletedAt) deletedAt = timestamp;
  }
  return deletedAt;
}

function wholeDeletion({ tombstones }: Partition): number {
  let deletedAt = 0;
  for (const { from, to, timestamp } of tombstones) {
    if (from === undefined && to === undefined && timestamp > deletedAt) deletedAt = timestamp;
  }
  return deletedAt;
}

function keyOf(types: Readonly<Record<string, ColumnType>>, values: readonly CqlValue[]): CqlRow {
  return Object.fromEntries(Object.keys(types).map((name, index) => [name, values[index]]));
}

function keyText(values: readonly CqlValue[]): string {
  return values
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
    .join('/');
}

function tokenText(token: bigint): string {
  return (token + 2n ** 63n).toString(16).padStart(16, '0');
}
