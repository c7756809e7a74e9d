import { murmur3Token } from '@chronicle/scylla-cdc';
import { StoreUnavailableError, type StoredEvent } from '@chronicle/event-sourcing-core';
import { uuidBytes, type Clock, type Entropy } from '@chronicle/seams';
import { statement, type BoundStatement, type CqlPort } from '../cql-port.js';
import { ENVELOPE_COLUMNS, envelopeValues } from '../envelope.js';
import { withSchemaLock } from '../schema-lock.js';
import { GenerationTables, LOG_TABLE } from './generation-tables.js';
import { newGeneration, streamOf, type LogGeneration, type LogLayout, type LogStyle } from './log-generation.js';

export interface CassandraLogOptions {
  readonly port: CqlPort;
  readonly keyspace: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** How long a row stays, in seconds (default 7 days); the schema's retention. */
  readonly retentionS?: number;
  /** Of the first generation, if this is the first to open the log (default 32 ranges in the style of vnodes). */
  readonly layout?: LogLayout;
  /** How far the clocks of the nodes may be apart (default 1000): what is written nearer to a change of generations is written again. */
  readonly clockSkewMs?: number;
}

const RETENTION_S = 7 * 24 * 60 * 60;
const LAYOUT: LogLayout = { style: 'vnodes', ranges: 32 };
const CLOCK_SKEW_MS = 1_000;
/** A writer knows every generation that was announced longer ago than this. */
const KNOWN_WITHIN_MS = 2_000;
/** How far ahead a generation is announced at least, beside the skew: what writers may not know yet, and as much for a slow answer. */
const ANNOUNCED_AHEAD_MS = 2 * KNOWN_WITHIN_MS;

const INSERT = 2;
const LOG_COLUMNS = [
  ...['stream_id', 'time', 'batch_seq_no', 'operation', 'ttl', 'end_of_batch'].map((name) => `"cdc$${name}"`),
  ...ENVELOPE_COLUMNS,
];
const insertRow = statement(
  'cassandra-log.insert',
  `INSERT INTO ${LOG_TABLE} (${LOG_COLUMNS.join(', ')})
   VALUES (?, now(), 0, ${INSERT}, ?, true, ${ENVELOPE_COLUMNS.map(() => '?').join(', ')}) USING TTL ?`,
);

/** What a writer knows of the log, and how fresh that is. */
interface Known {
  readonly style: LogStyle;
  /** Newest first, at most two; the newest may not have begun. */
  readonly generations: readonly LogGeneration[];
  /** The database's time less ours (monotonic). */
  readonly timeAhead: number;
  /** Monotonic, before the tables were read. */
  readonly readAt: number;
}

/**
 * Writes the change log of `outbox_messages` on Cassandra, row by row as ScyllaDB's CDC would (`scylla-cdc.md` 8): each event
 * is a log group of its own, in the stream that its aggregate's token chooses, stamped with the coordinator's `now()`.
 */
export class CassandraLog {
  readonly #options: CassandraLogOptions;
  readonly #tables: GenerationTables;
  readonly #retentionS: number;
  readonly #skewMs: number;
  #known: Known;
  #reading: Promise<Known> | undefined;

  private constructor(options: CassandraLogOptions, tables: GenerationTables, known: Known) {
    this.#options = options;
    this.#tables = tables;
    this.#retentionS = options.retentionS ?? RETENTION_S;
    this.#skewMs = options.clockSkewMs ?? CLOCK_SKEW_MS;
    this.#known = known;
  }

  /** Opens the log of a migrated keyspace; makes its first generation if there is none. Throws as {@link CqlPort} does. */
  static async open(options: CassandraLogOptions): Promise<CassandraLog> {
    const tables = new GenerationTables(options.port, options.keyspace);
    let known = await readKnown(tables, options.clock);
    if (known.generations.length === 0) {
      await createFirstGeneration(tables, options);
      known = await readKnown(tables, options.clock, known);
    }
    return new CassandraLog(options, tables, known);
  }

  /**
   * Writes the events of one aggregate, in order. Done means: readable in a stream of the generation of its time. Throws
   * `StoreUnavailableError` and `CqlUnknownOutcomeError`; then, and whenever the answer came too late to count, write them again:
   * repeats are dropped by their sequence.
   */
  async write(events: readonly StoredEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    const known = await this.#fresh();
    const generation = this.#generationNow(known);
    const stream = streamOf(generation, murmur3Token(uuidBytes(first.aggregateId)));
    await this.#options.port.writeTogether(events.map((event) => this.#row(stream, event)));
    this.#refuseNearChange(generation);
  }

  /**
   * Changes to a new generation of streams, as ScyllaDB does when its topology changes, and answers when it will begin. The old
   * streams are written to until then. `aheadMs` is at least what {@link minAheadMs} says, which is its default.
   */
  async switchGeneration(layout: Omit<LogLayout, 'style'>, aheadMs: number = this.minAheadMs): Promise<number> {
    if (aheadMs < this.minAheadMs) {
      throw new RangeError(
        `a generation ${aheadMs} ms ahead: expected at least ${this.minAheadMs}, or a writer misses it`,
      );
    }
    return withSchemaLock(this.#options.port, this.#options, async () => {
      const known = await readKnown(this.#tables, this.#options.clock, this.#known);
      const [newest] = known.generations;
      const now = await this.#tables.databaseTime();
      if (newest && newest.since > now) {
        throw new StoreUnavailableError(
          `the log's next generation begins in ${newest.since - now} ms: switch again then`,
        );
      }
      const since = Math.ceil(now + aheadMs);
      const next = newGeneration(since, { ...layout, style: known.style }, this.#options.entropy);
      await this.#tables.announce(known.style, next, newest);
      return since;
    });
  }

  /** How long before its beginning a generation is announced at least. */
  get minAheadMs(): number {
    return ANNOUNCED_AHEAD_MS + 2 * this.#skewMs;
  }

  /** What is known of the generations, read anew when it may be too old; by one reader for all who wait. */
  async #fresh(): Promise<Known> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#known.readAt <= KNOWN_WITHIN_MS) return this.#known;
    this.#reading ??= readKnown(this.#tables, clock, this.#known)
      .then((known) => (this.#known = known))
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  #generationNow(known: Known): LogGeneration {
    const now = this.#databaseTime(known);
    const generation = known.generations.find(({ since }) => since <= now);
    if (!generation) throw new StoreUnavailableError('no generation of the change log has begun: write again');
    return generation;
  }

  /**
   * Near a change of generations, nobody knows on which side of it the coordinator stamped the row, and a row in a stream of
   * another generation than its time's is never read. So it does not count, and is written again when the change is past.
   */
  #refuseNearChange(used: LogGeneration): void {
    const { generations, readAt } = this.#known;
    const now = this.#databaseTime(this.#known);
    const next = generations.find(({ since }) => since > used.since);
    const knownTooOld = this.#options.clock.monotonic() - readAt > ANNOUNCED_AHEAD_MS;
    const beganLately = now - used.since < this.#skewMs;
    const endsSoon = next !== undefined && next.since - now < this.#skewMs;
    if (knownTooOld || beganLately || endsSoon) {
      throw new StoreUnavailableError('the change log was changing its generation of streams: write again');
    }
  }

  #databaseTime(known: Known): number {
    return this.#options.clock.monotonic() + known.timeAhead;
  }

  #row(stream: Buffer, event: StoredEvent): BoundStatement {
    return {
      statement: insertRow,
      values: [stream, BigInt(this.#retentionS), ...envelopeValues(event), this.#retentionS],
    };
  }
}

async function readKnown(tables: GenerationTables, clock: Clock, before?: Known): Promise<Known> {
  const readAt = clock.monotonic();
  const style = before && before.generations.length > 0 ? before.style : await tables.style();
  const times = await tables.times(style);
  const kept = before?.generations ?? [];
  const generations = await Promise.all(
    times.map((since) => kept.find((generation) => generation.since === since) ?? tables.generation(style, since)),
  );
  return { style, generations, timeAhead: (await tables.databaseTime()) - clock.monotonic(), readAt };
}

/** It begins a little before now, as ScyllaDB's first on tablets does: nothing has been written before it. */
const FIRST_BEGAN_AGO_MS = 5_000;

/** By one process at a time: a second first generation would take the first one's streams out of use while they are written to. */
async function createFirstGeneration(tables: GenerationTables, options: CassandraLogOptions): Promise<void> {
  await withSchemaLock(options.port, options, async () => {
    const style = await tables.style();
    if ((await tables.times(style)).length > 0) return;
    const wished = options.layout ?? LAYOUT;
    const layout = style === 'tablets' ? { ...wished, style } : wished; // a creation that was cut short goes on
    const since = Math.floor((await tables.databaseTime()) - FIRST_BEGAN_AGO_MS);
    await tables.announce(layout.style, newGeneration(since, layout, options.entropy), undefined);
  });
}
