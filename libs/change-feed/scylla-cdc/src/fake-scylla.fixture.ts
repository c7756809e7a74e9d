import { compareTimeUuids, minTimeUuid, type Micros } from './cdc-time.js';
import type { CdcPage, CdcReadOptions, CdcRow, CdcSession, CdcStatement, CdcValue } from './cdc-session.js';
import type { ManualClock } from './manual-clock.fixture.js';
import { murmur3Token } from './murmur3.js';
import { partitionKeyEncoder } from './partition-key.js';
import { streamId } from './stream-id.js';
import { TOKEN_MAX } from './token-ring.js';

export const START_MS = Date.parse('2026-11-25T19:00:00.000Z');
const keyBytes = partitionKeyEncoder([{ name: 'id', type: 'int' }]);

export function tokenOfId(id: number): bigint {
  return murmur3Token(keyBytes({ id }));
}

/** An id of version 1. */
export function streamIdOf(token: bigint, vnode: number, random = 1n): Buffer {
  return streamId({ token, vnodeIndex: vnode, random });
}

export interface FakeGeneration {
  readonly beginMs: number;
  readonly groups: { readonly rangeEnd: bigint; readonly ids: readonly Buffer[] }[];
}

export interface FakeWrite {
  readonly id: number;
  /** Default: the time of the database now. */
  readonly micros?: Micros;
  readonly stream?: Buffer;
  /** Bytes 8 to 15 of `cdc$time`. */
  readonly low?: bigint;
  /** Columns of each row beside the key; default one INSERT with `v`. */
  readonly rows?: readonly Record<string, unknown>[];
  readonly v?: number;
}

/**
 * The log of `shop.orders` (id int, ck int, v int) in memory, with its metadata, on vnodes or tablets. It answers at once, by
 * the names of the statements, and notes what it was asked.
 */
export class FakeScylla implements CdcSession {
  /** By stream id, hexadecimal; each in the order of the log. */
  readonly #rows = new Map<string, CdcRow[]>();
  readonly generations: FakeGeneration[] = [];
  /** How far each node's clock is ahead. */
  readonly nodes = new Map([['n1:9042', 0]]);
  readonly asked: {
    readonly statement: CdcStatement;
    readonly values: readonly CdcValue[];
    readonly options: CdcReadOptions;
    readonly atMs: number;
  }[] = [];
  /** Cuts pages shorter than asked for. */
  pageRows = Number.POSITIVE_INFINITY;
  /** Puts an empty page with a page state before each page. */
  emptyPages = false;
  initialTablets: number | null | undefined = null;
  /** Called before each answer; may throw or wait. */
  before: (statement: CdcStatement, options: CdcReadOptions, values: readonly CdcValue[]) => void | Promise<void> =
    () => undefined;
  #lows = 1n;

  constructor(private readonly clock: ManualClock) {}

  hosts = () => [...this.nodes.keys()];

  get nowMicros(): Micros {
    return BigInt(Math.floor((START_MS + this.clock.monotonic()) * 1000));
  }

  count(name: string): number {
    return this.asked.filter(({ statement }) => statement.name === name).length;
  }

  /** A generation with `ranges` parts of the ring and `shards` streams in each. */
  addGeneration(beginMs: number, ranges = 4, shards = 1): FakeGeneration {
    const random = BigInt(this.generations.length + 1);
    const groups = Array.from({ length: ranges }, (_, index) => {
      const rangeEnd =
        index === ranges - 1 ? TOKEN_MAX : -(2n ** 63n) + (2n ** 64n / BigInt(ranges)) * BigInt(index + 1);
      const shardId = (_: unknown, shard: number) =>
        streamIdOf(rangeEnd - BigInt(shard), this.initialTablets === null ? index : 0, random * 1000n + BigInt(shard));
      return { rangeEnd, ids: Array.from({ length: shards }, shardId) };
    });
    const generation = { beginMs, groups };
    this.generations.push(generation);
    return generation;
  }

  streamFor(id: number, micros: Micros): Buffer {
    const generation = this.generations.findLast(({ beginMs }) => BigInt(beginMs) * 1000n <= micros);
    const group = generation?.groups.find(({ rangeEnd }) => tokenOfId(id) <= rangeEnd);
    const stream = group?.ids[0];
    if (!stream) throw new Error(`no stream for ${id} at ${micros}`);
    return stream;
  }

  /** Writes one log group. */
  write({ id, micros = this.nowMicros, stream, low, rows, v = 0 }: FakeWrite): void {
    const time = minTimeUuid(micros);
    this.#lows += 1n;
    time.writeBigUInt64BE(low ?? this.#lows, 8);
    const cells = rows ?? [{ cdc$operation: 2, ck: 0, v }];
    const home = stream ?? this.streamFor(id, micros);
    const inStream = this.#rows.get(home.toString('hex')) ?? [];
    this.#rows.set(home.toString('hex'), inStream);
    for (const [index, cell] of cells.entries()) {
      inStream.push({
        cdc$stream_id: home,
        cdc$time: time,
        cdc$batch_seq_no: index,
        cdc$ttl: null,
        cdc$end_of_batch: index === cells.length - 1 ? true : null,
        id,
        ck: null,
        v: null,
        cdc$deleted_v: null,
        ...cell,
      });
    }
    inStream.sort(inLogOrder);
  }

  async read(statement: CdcStatement, values: readonly CdcValue[], options: CdcReadOptions = {}): Promise<CdcPage> {
    this.asked.push({ statement, values, options, atMs: this.clock.monotonic() });
    await this.before(statement, options, values);
    return this.#page(this.#answer(statement, values, options), options);
  }

  #answer(statement: CdcStatement, values: readonly CdcValue[], { host }: CdcReadOptions): readonly CdcRow[] {
    switch (statement.name) {
      case 'cdc.read-log':
      case 'cdc.read-log-keys':
        return this.#log(values);
      case 'cdc.node-time':
        return [{ now: new Date(Number(this.nowMicros / 1000n) + (this.nodes.get(host ?? 'n1:9042') ?? 0)) }];
      case 'cdc.keyspace-tablets':
        return this.initialTablets === undefined ? [] : [{ initial_tablets: this.initialTablets }];
      case 'cdc.base-columns':
        return [
          { column_name: 'v', kind: 'regular', position: -1, type: 'int' },
          { column_name: 'ck', kind: 'clustering', position: 0, type: 'int' },
          { column_name: 'id', kind: 'partition_key', position: 0, type: 'int' },
        ];
      case 'cdc.vnode-generations':
        return this.generations.map(({ beginMs }) => ({ time: new Date(beginMs) }));
      case 'cdc.tablet-generations':
        return this.generations.map(({ beginMs }) => ({ timestamp: new Date(beginMs).toISOString() }));
      case 'cdc.vnode-streams':
        return this.#groups(values).map(({ rangeEnd, ids }) => ({ range_end: rangeEnd, streams: new Set(ids) }));
      case 'cdc.tablet-streams':
        return this.#groups(values).flatMap(({ ids }) => ids.map((id) => ({ stream_id: id })));
      default:
        throw new Error(`${statement.name} has no meaning here`);
    }
  }

  #groups([begin]: readonly CdcValue[]): FakeGeneration['groups'] {
    return this.generations.find(({ beginMs }) => new Date(beginMs).toISOString() === begin)?.groups ?? [];
  }

  #log([ids, from, to]: readonly CdcValue[]): readonly CdcRow[] {
    return (ids as readonly Buffer[]).flatMap((id) => {
      const rows = this.#rows.get(id.toString('hex')) ?? [];
      return rows.slice(firstAt(rows, from), firstAt(rows, to));
    });
  }

  /** The page state is the number of rows that were given, and whether the empty page before the next ones was. */
  #page(rows: readonly CdcRow[], { pageState, rowsMax = 1000 }: CdcReadOptions): CdcPage {
    const [given = 0, empty = 0] = pageState?.split('/').map(Number) ?? [];
    if (this.emptyPages && !empty && given < rows.length) return { rows: [], pageState: `${given}/1` };
    const end = given + Math.min(rowsMax, this.pageRows);
    return { rows: rows.slice(given, end), pageState: end < rows.length ? `${end}/0` : undefined };
  }
}

function inLogOrder(a: CdcRow, b: CdcRow): number {
  return compareTimes(a['cdc$time'], b['cdc$time']) || Number(a['cdc$batch_seq_no']) - Number(b['cdc$batch_seq_no']);
}

function compareTimes(a: unknown, b: unknown): number {
  return compareTimeUuids(a as Buffer, b as Buffer);
}

/** The index of the first row that is not before a time. */
function firstAt(rows: readonly CdcRow[], time: unknown): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTimes(rows[middle]?.['cdc$time'], time) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
