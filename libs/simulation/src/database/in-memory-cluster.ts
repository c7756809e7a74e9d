import {
  PAGE_ROWS_MAX,
  type BoundStatement,
  type ConditionalResult,
  type CqlPage,
  type CqlValue,
  type ReadOptions,
  type Statement,
} from '@chronicle/cql';
import { CONSUMER_MEANINGS } from './consumer-meanings.js';
import { EVENT_STORE_MEANINGS } from './event-store-meanings.js';
import { LOG_MEANINGS } from './log-meanings.js';
import type { Coordinator, Meanings, ReadMeaning, ReadMoment, WriteMeaning } from './meaning.js';
import type { Mutation, Stamp } from './memory-table.js';
import { READER_MEANINGS } from './reader-meanings.js';
import { emptyTables, type Tables } from './tables.js';

/** Every statement that has a meaning here: a closed list. */
export const MEANINGS: Meanings = {
  ...EVENT_STORE_MEANINGS,
  ...LOG_MEANINGS,
  ...READER_MEANINGS,
  ...CONSUMER_MEANINGS,
};

/** A request that was carried out. */
export interface CarriedOut {
  readonly kind: 'read' | 'write' | 'conditional write';
  readonly statements: readonly BoundStatement[];
}

export interface ClusterOptions {
  /** True time, ms since 1970, with fractions. */
  readonly now: () => number;
  /** How far the clock of each node is ahead, in ms; one for each node, at least one. */
  readonly skewsMs?: readonly number[];
  /** Cuts pages shorter than asked for. */
  readonly pageRowsMax?: number;
  readonly onRequest?: (request: CarriedOut) => void;
  /** Told of everything that is written, when it is; `receivedAt` is the true time at which it was stamped. */
  readonly onWrite?: (writes: readonly BoundStatement[], mutations: readonly Mutation[], receivedAt: number) => void;
}

/**
 * A cluster database that knows the statements of a closed list by their names, and what each does. One logical store: what has been
 * applied is seen by all; a write is stamped by the clock of the node that it came to, which may be before it is applied.
 */
export class InMemoryCluster {
  readonly tables: Tables = emptyTables();
  readonly #options: ClusterOptions;
  readonly #nodes: readonly Node[];
  /** Of the newest conditional write: the next one's time is after it, whatever the clocks say. */
  #lastBallot = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#nodes = (options.skewsMs ?? [0]).map((skewMs, index) => new Node(index, () => options.now() + skewMs));
  }

  get nodes(): number {
    return this.#nodes.length;
  }

  read(node: number, statement: Statement, values: readonly CqlValue[], options: ReadOptions = {}): CqlPage {
    this.#options.onRequest?.({ kind: 'read', statements: [{ statement, values }] });
    const meaning = meaningOf(statement.name, 'read');
    const after = options.pageState ?? '';
    const rows = meaning.rows(values, this.#moment(node)).filter(({ place }) => after === '' || place > after);
    const rowsMax = Math.min(options.rowsMax ?? PAGE_ROWS_MAX, this.#options.pageRowsMax ?? PAGE_ROWS_MAX);
    const page = rows.slice(0, rowsMax);
    return { rows: page.map(({ row }) => row), pageState: rows.length > rowsMax ? page.at(-1)!.place : undefined };
  }

  /** Stamps a write; what it returns applies it, whenever that is. */
  receive(node: number, writes: readonly BoundStatement[]): () => void {
    const { now } = this.#moment(node);
    const timestamp = this.#nodes[node]!.timestamp();
    const mutations = this.#mutations(node, writes, { timestamp, now });
    return () => {
      this.#options.onRequest?.({ kind: 'write', statements: writes });
      this.#apply(writes, mutations, now);
    };
  }

  /**
   * Carries out a conditional write, all of it or nothing. What stands there instead is told of a single statement only: databases differ
   * in what they tell of several, and no adapter asks.
   */
  applyIf(node: number, writes: readonly BoundStatement[]): ConditionalResult {
    this.#options.onRequest?.({ kind: 'conditional write', statements: writes });
    const moment = this.#moment(node);
    for (const { statement, values } of writes) {
      const verdict = meaningOf(statement.name, 'write').condition?.(values, moment);
      if (verdict && !verdict.holds) {
        const { current } = verdict;
        return {
          applied: false,
          current: writes.length === 1 && current ? { '[applied]': false, ...current } : undefined,
        };
      }
    }
    this.#lastBallot = Math.max(this.#lastBallot + 1, this.#nodes[node]!.timestamp());
    const mutations = this.#mutations(node, writes, { timestamp: this.#lastBallot, now: moment.now });
    this.#apply(writes, mutations, moment.now);
    return { applied: true };
  }

  #apply(writes: readonly BoundStatement[], mutations: readonly Mutation[], receivedAt: number): void {
    for (const mutation of mutations) mutation.table.apply(mutation);
    this.#options.onWrite?.(writes, mutations, receivedAt);
  }

  #mutations(
    node: number,
    writes: readonly BoundStatement[],
    { timestamp, now }: { readonly timestamp: number; readonly now: number },
  ): readonly Mutation[] {
    const { tables } = this;
    const coordinator = this.#nodes[node]!;
    return writes.flatMap(({ statement, values }) => {
      const stamp = stampOf(statement, values, timestamp, now);
      return meaningOf(statement.name, 'write').mutations(values, { tables, coordinator, stamp });
    });
  }

  #moment(node: number): ReadMoment {
    return { tables: this.tables, now: this.#options.now(), coordinator: this.#nodes[node]! };
  }
}

/** 100 ns ticks from where version 1 UUIDs count to 1970. */
const TICKS_TO_1970 = 0x01b21dd213814000n;
const TICKS_PER_MICRO = 10n;

class Node implements Coordinator {
  readonly #now: () => number;
  readonly #lowHalf: bigint;
  #lastTimestamp = 0;
  #lastTicks = 0n;

  constructor(index: number, now: () => number) {
    this.#now = now;
    this.#lowHalf = 0x8a00_0000_0000_0000n + BigInt(index + 1);
  }

  get now(): number {
    return this.#now();
  }

  /** Microseconds; never the same twice. */
  timestamp(): number {
    this.#lastTimestamp = Math.max(this.#lastTimestamp + 1, Math.floor(this.#now() * 1_000));
    return this.#lastTimestamp;
  }

  timeUuid(): Buffer {
    const ticks = BigInt(Math.floor(this.#now() * 1_000)) * TICKS_PER_MICRO + TICKS_TO_1970;
    this.#lastTicks = ticks > this.#lastTicks ? ticks : this.#lastTicks + 1n;
    return timeUuidOf(this.#lastTicks, this.#lowHalf);
  }
}

function timeUuidOf(ticks: bigint, lowHalf: bigint): Buffer {
  const bytes = Buffer.alloc(16);
  const upper = ((ticks & 0xffff_ffffn) << 32n) | (((ticks >> 32n) & 0xffffn) << 16n) | 0x1000n | (ticks >> 48n);
  bytes.writeBigUInt64BE(upper);
  bytes.writeBigUInt64BE(lowHalf, 8);
  return bytes;
}

/** `USING TIMESTAMP` and `USING TTL` mean the same in every statement; what they are given may stand where their question mark does. */
function stampOf(statement: Statement, values: readonly CqlValue[], timestamp: number, now: number): Stamp {
  const { timestampAt, fixedTimestamp, ttlAt, ttlS } = usingOf(statement);
  const ttl = ttlAt === undefined ? ttlS : Number(values[ttlAt]);
  return {
    timestamp: timestampAt === undefined ? (fixedTimestamp ?? timestamp) : Number(values[timestampAt]),
    ...(ttl > 0 && { expiresAt: now + ttl * 1_000 }),
  };
}

interface Using {
  readonly timestampAt: number | undefined;
  readonly fixedTimestamp: number | undefined;
  readonly ttlAt: number | undefined;
  /** 0: none. */
  readonly ttlS: number;
}

const usings = new Map<string, Using>();

function usingOf({ name, cql }: Statement): Using {
  const known = usings.get(name);
  if (known) return known;
  const fixedTimestamp = /TIMESTAMP (\d+)/.exec(cql)?.[1];
  const using = {
    timestampAt: placeOf(cql, /TIMESTAMP \?/),
    fixedTimestamp: fixedTimestamp === undefined ? undefined : Number(fixedTimestamp),
    ttlAt: placeOf(cql, /USING (TIMESTAMP \? AND )?TTL \?/),
    ttlS: Number(/USING TTL (\d+)/.exec(cql)?.[1] ?? 0),
  };
  usings.set(name, using);
  return using;
}

/** How many question marks come before the last one of what is searched for. */
function placeOf(cql: string, searched: RegExp): number | undefined {
  const found = searched.exec(cql);
  return found ? cql.slice(0, found.index + found[0].length).split('?').length - 2 : undefined;
}

function meaningOf(name: string, kind: 'read'): ReadMeaning;
function meaningOf(name: string, kind: 'write'): WriteMeaning;
function meaningOf(name: string, kind: string): ReadMeaning | WriteMeaning {
  const meaning = MEANINGS[name];
  if (meaning?.kind === kind) return meaning;
  throw new Error(
    `statement ${name} has no meaning as a ${kind} here: add one, and see that it is compared with Cassandra's`,
  );
}
