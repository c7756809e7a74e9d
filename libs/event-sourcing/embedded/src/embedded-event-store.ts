import {
  APPEND_EVENTS_MAX,
  EventStore,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type LoadRange,
  type ScanPage,
  type StoredEvent,
  type StreamHead,
} from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { EVENT_COLUMNS, eventRowBytes, storedEventFromRow, type EventRow } from './event-row.js';
import { EventWriter } from './event-writer.js';
import { openEventsFile } from './events-file.js';
import { readHead, rememberedIn } from './stream-head.js';

export interface EmbeddedEventStoreOptions {
  /** Absolute path of a folder on a local disk, shared by all processes of this machine; made when missing. */
  readonly dataDir: string;
  /** `write` starts the writer thread; `read` refuses appends with `StoreUnavailableError`. */
  readonly mode: 'write' | 'read';
  /** Tells which commands are still remembered. */
  readonly clock: Clock;
}

/**
 * The event store in `events.db`, a SQLite file. Appends are made by a thread that commits what has queued together, with one
 * fsync; reads are short synchronous statements in pages. An append acknowledged is on the disk, in the change log, and seen
 * by every later read of every process.
 */
export class EmbeddedEventStore extends EventStore {
  readonly #database: SqliteDatabase;
  readonly #writer: EventWriter | undefined;
  readonly #clock: Clock;

  private constructor(database: SqliteDatabase, writer: EventWriter | undefined, clock: Clock) {
    super();
    this.#database = database;
    this.#writer = writer;
    this.#clock = clock;
  }

  static async open({ dataDir, mode, clock }: EmbeddedEventStoreOptions): Promise<EmbeddedEventStore> {
    const database = await openEventsFile(dataDir);
    try {
      return new EmbeddedEventStore(database, mode === 'write' ? await EventWriter.open(dataDir) : undefined, clock);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  override async append(append: Append): Promise<AppendOutcome> {
    if (!this.#writer)
      throw new StoreUnavailableError(`${this.#database.path} is open for reading: open it for writing to append`);
    const { length } = append.events;
    if (length < 1 || length > APPEND_EVENTS_MAX) {
      throw new RangeError(
        `append to ${append.aggregateId}: expected 1 to ${APPEND_EVENTS_MAX} events, found ${length}`,
      );
    }
    return this.#writer.append(append);
  }

  override async head(aggregateId: string, commandKey?: string): Promise<StreamHead | undefined> {
    const now = this.#clock.now();
    const head = await this.#database.read(() => readHead(this.#database, aggregateId, commandKey, now));
    return (
      head && {
        aggregateType: head.aggregate_type,
        version: head.sequence_number,
        remembered: rememberedIn(head, commandKey),
      }
    );
  }

  override async *load(aggregateId: string, range: LoadRange = {}): AsyncGenerator<readonly StoredEvent[]> {
    const { from = 1, to = Number.MAX_SAFE_INTEGER, asOf } = range;
    const sql = `SELECT ${EVENT_COLUMNS} FROM events
      WHERE aggregate_id = ? AND sequence_number BETWEEN ? AND ? ORDER BY sequence_number`;
    yield* this.#pages((last) => {
      const rows = this.#database.rows<EventRow>(sql, aggregateId, last ? last.sequence_number + 1 : from, to);
      return asOf === undefined ? rows : upTo(asOf, rows);
    });
  }

  override async *streamAll(filter: { readonly eventType?: string } = {}): AsyncGenerator<ScanPage> {
    const total = await this.#lastPosition();
    const sql = `SELECT ${EVENT_COLUMNS} FROM events
      WHERE (aggregate_id, sequence_number) > (?, ?) AND position <= ? ORDER BY aggregate_id, sequence_number`;
    let scanned = 0;
    for await (const events of this.#pages((last) =>
      this.#database.rows<EventRow>(sql, last?.aggregate_id ?? '', last?.sequence_number ?? 0, total),
    )) {
      scanned += events.length;
      const { eventType } = filter;
      yield {
        events: eventType === undefined ? events : events.filter((event) => event.eventType === eventType),
        scanned,
        total,
      };
    }
  }

  override async *byCorrelation(correlationId: string): AsyncGenerator<readonly StoredEvent[]> {
    const sql = `SELECT ${EVENT_COLUMNS} FROM events
      WHERE correlation_id = ? AND (aggregate_id, sequence_number) > (?, ?) ORDER BY aggregate_id, sequence_number`;
    yield* this.#pages((last) =>
      this.#database.rows<EventRow>(sql, correlationId, last?.aggregate_id ?? '', last?.sequence_number ?? 0),
    );
  }

  override epoch(): Promise<number> {
    const sql = 'SELECT epoch FROM store_epoch';
    return this.#database.read(() => this.#database.row<{ epoch: number }>(sql)!.epoch);
  }

  override async close(): Promise<void> {
    await this.#writer?.close();
    this.#database.close();
  }

  async *#pages(rowsAfter: (last: EventRow | undefined) => Iterable<EventRow>): AsyncGenerator<readonly StoredEvent[]> {
    for await (const rows of this.#database.pages(rowsAfter, eventRowBytes)) yield rows.map(storedEventFromRow);
  }

  /** Positions count the events: none is ever deleted. */
  #lastPosition(): Promise<number> {
    const sql = 'SELECT coalesce(max(position), 0) AS position FROM events';
    return this.#database.read(() => this.#database.row<{ position: number }>(sql)!.position);
  }
}

/** The rows before the first that is later than `asOf`. */
function* upTo(asOf: string, rows: Iterable<EventRow>): Generator<EventRow> {
  for (const row of rows) {
    if (row.timestamp > asOf) return;
    yield row;
  }
}
