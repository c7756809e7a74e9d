import { ChangeFeed } from '@chronicle/change-feed-core';
import type { FeedLag, FeedReader } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import {
  BUCKET_COUNT,
  EVENT_COLUMNS,
  bucketOf,
  eventRowBytes,
  openEventsFile,
  storedEventFromRow,
} from '@chronicle/event-sourcing-embedded';
import type { EventRow } from '@chronicle/event-sourcing-embedded';
import type { Clock } from '@chronicle/seams';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { EmbeddedFeedReader, positionOf } from './embedded-feed-reader.js';

/** Up to here the lag is counted. */
const EXACT_LAG_MAX = 10_000;

/** What an {@link EmbeddedChangeFeed} is opened with. */
export interface EmbeddedChangeFeedOptions {
  /** Absolute path of the data directory. */
  readonly dataDir: string;
  readonly clock: Clock;
}

/**
 * The change log in `events.db`. Its writer is serial, so a place in the log is one number for all buckets, nothing ever
 * appears behind it, and the log is kept for ever: a group that starts from nothing reads it from the beginning.
 */
export class EmbeddedChangeFeed extends ChangeFeed {
  readonly bucketCount = BUCKET_COUNT;
  readonly #db: SqliteDatabase;
  readonly #clock: Clock;

  private constructor(db: SqliteDatabase, clock: Clock) {
    super();
    this.#db = db;
    this.#clock = clock;
  }

  /** Opens `events.db` for reading, made when missing. Throws what `openEventsFile` throws. */
  static async open({ dataDir, clock }: EmbeddedChangeFeedOptions): Promise<EmbeddedChangeFeed> {
    return new EmbeddedChangeFeed(await openEventsFile(dataDir), clock);
  }

  bucketOf(aggregateId: string): number {
    return bucketOf(aggregateId);
  }

  reader(): FeedReader {
    return new EmbeddedFeedReader(this.#db, this.#clock);
  }

  async lag(checkpoints: ReadonlyMap<number, string | null>): Promise<FeedLag> {
    const reached = Array.from({ length: BUCKET_COUNT }, (_, bucket) => positionOf(checkpoints.get(bucket) ?? null));
    const from = Math.min(...reached);
    let events = 0;
    let oldest: number | null = null;
    let scanned = 0;
    const sql = 'SELECT position, bucket FROM outbox_messages WHERE position > ? ORDER BY position';
    const rowsAfter = (last: OutboxRow | undefined) => this.#db.rows<OutboxRow>(sql, last?.position ?? from);
    for await (const rows of this.#db.pages(rowsAfter, () => OUTBOX_ROW_BYTES)) {
      for (const { position, bucket } of rows) {
        if (position <= reached[bucket]!) continue;
        events += 1;
        oldest ??= position;
      }
      scanned += rows.length;
      if (events > EXACT_LAG_MAX) break;
    }
    if (events > EXACT_LAG_MAX) events = await this.#estimate(events, from + scanned);
    return { events, oldest: oldest === null ? null : await this.#timestampAt(oldest) };
  }

  async *contents(): AsyncGenerator<readonly StoredEvent[]> {
    const sql = `SELECT outbox_messages.position AS position, ${EVENT_COLUMNS}
      FROM outbox_messages JOIN events ON events.position = outbox_messages.position
      WHERE outbox_messages.position > ? ORDER BY outbox_messages.position`;
    const rowsAfter = (last: LogRow | undefined) => this.#db.rows<LogRow>(sql, last?.position ?? 0);
    for await (const rows of this.#db.pages(rowsAfter, eventRowBytes)) yield rows.map(storedEventFromRow);
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  /** What was counted, and what lies behind the place where counting ended, as if none of it were handled. */
  async #estimate(counted: number, countedTo: number): Promise<number> {
    const sql = 'SELECT coalesce(max(position), 0) AS position FROM outbox_messages';
    const end = await this.#db.read(() => this.#db.row<{ position: number }>(sql)!.position);
    return counted + Math.max(0, end - countedTo);
  }

  async #timestampAt(position: number): Promise<string | null> {
    const sql = 'SELECT timestamp FROM events WHERE position = ?';
    return (await this.#db.read(() => this.#db.row<{ timestamp: string }>(sql, position)))?.timestamp ?? null;
  }
}

const OUTBOX_ROW_BYTES = 32;

interface OutboxRow {
  readonly position: number;
  readonly bucket: number;
}

interface LogRow extends EventRow {
  readonly position: number;
}
