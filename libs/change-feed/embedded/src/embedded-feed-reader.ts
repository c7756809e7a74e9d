import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { FEED_EVENTS_MAX, FeedReader } from '@chronicle/change-feed-core';
import type { FeedSlice } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { EVENT_COLUMNS, eventValuesBytes, storedEventFromValues } from '@chronicle/event-sourcing-embedded';
import type { EventValues } from '@chronicle/event-sourcing-embedded';
import type { Clock } from '@chronicle/seams';
import { takePage } from '@chronicle/sqlite';
import type { SqliteDatabase } from '@chronicle/sqlite';

/** What comes in a burst is read together, one read in this time: every batch costs a transaction, however little is in it. */
const GATHER_MS = 20;
/** The wait for something new, while there was something lately, and when there was nothing for long. */
const POLL_BUSY_MS = 10;
const POLL_IDLE_MS = 40;
/** How long "lately" is. */
const BUSY_FOR_MS = 1000;
/** One read passes over at most this many places of the log, whatever buckets they belong to. */
const WINDOW_MAX = 20_000;
/** One call passes over at most this many of them. */
const WINDOWS_MAX = 10;
/** A bucket without events is given a new checkpoint when its last one is this far behind. */
const SILENT_MAX = 1000;

/** Where the place and the bucket stand in a row of the page. */
const POSITION = 13;
const BUCKET = 14;

const MOST_SQL = `SELECT coalesce(max(position), 0) AS position FROM outbox_messages`;
/** Buckets are chosen by a bit each, so that the statement is the same for any of them. */
const PAGE_SQL = `SELECT ${EVENT_COLUMNS}, outbox_messages.position, outbox_messages.bucket
  FROM outbox_messages JOIN events ON events.position = outbox_messages.position
  WHERE outbox_messages.position > ? AND outbox_messages.position <= ? AND (? >> outbox_messages.bucket) & 1
  ORDER BY outbox_messages.position LIMIT ${FEED_EVENTS_MAX}`;

interface Cursor {
  /** Everything of the bucket up to this place was handed out. */
  position: number;
  /** The last checkpoint that was handed out. */
  given: number;
}

/**
 * Reads the assigned buckets that are furthest behind together, up to where the next ones are, so that all of them end up
 * being read by one statement.
 */
export class EmbeddedFeedReader extends FeedReader {
  readonly #cursors = new Map<number, Cursor>();
  /** The data version at which everything assigned had been handed out; undefined: there may be more. */
  #exhaustedAt: number | undefined;
  #lastNewsAt = -Infinity;

  constructor(
    private readonly db: SqliteDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  assign(bucket: number, checkpoint: string | null): void {
    const position = positionOf(checkpoint);
    this.#cursors.set(bucket, { position, given: position });
    this.#exhaustedAt = undefined;
  }

  revoke(bucket: number): void {
    this.#cursors.delete(bucket);
  }

  async next(signal: AbortSignal): Promise<readonly FeedSlice[]> {
    await this.#gather(signal);
    const slices = await this.#readToNews(signal);
    if (slices.length > 0 || signal.aborted) return slices;
    const lately = this.clock.monotonic() - this.#lastNewsAt < BUSY_FOR_MS;
    await this.clock.sleep(lately ? POLL_BUSY_MS : POLL_IDLE_MS, signal);
    return this.#readToNews(signal);
  }

  async close(): Promise<void> {
    this.#cursors.clear();
  }

  /** Waits until the last read that found something is long enough ago, unless that one left something behind. */
  async #gather(signal: AbortSignal): Promise<void> {
    const leftMs = this.#lastNewsAt + GATHER_MS - this.clock.monotonic();
    if (leftMs > 0 && this.#exhaustedAt !== undefined) await this.clock.sleep(leftMs, signal);
  }

  /** Reads on over what belongs to nobody here, until there is something to hand out or the log ends. */
  async #readToNews(signal: AbortSignal): Promise<readonly FeedSlice[]> {
    for (let windows = 0; windows < WINDOWS_MAX; windows += 1) {
      await turnOfEventLoop();
      if (signal.aborted || this.#cursors.size === 0 || this.#exhausted) return [];
      const slices = await this.#read();
      if (slices.length > 0) return slices;
    }
    return [];
  }

  get #exhausted(): boolean {
    return this.#exhaustedAt !== undefined && this.#exhaustedAt === this.db.dataVersion();
  }

  async #read(): Promise<readonly FeedSlice[]> {
    const from = Math.min(...[...this.#cursors.values()].map((cursor) => cursor.position));
    const version = this.db.dataVersion(); // before the read: a commit in between is seen as one that came after it
    const { rows, to, end } = await this.db.read(() => this.#readBehind(from));
    this.#exhaustedAt = to === end ? version : undefined;
    if (rows.length > 0) this.#lastNewsAt = this.clock.monotonic();
    return this.#slices(rows, from, to);
  }

  /** The next rows of the buckets that are furthest behind, and the place up to which these were all. */
  #readBehind(from: number): { readonly rows: readonly LogRow[]; readonly to: number; readonly end: number } {
    const end = Math.max(from, this.db.row<{ position: number }>(MOST_SQL)!.position);
    let limit = Math.min(end, from + WINDOW_MAX);
    let chosen = 0;
    for (const [bucket, { position }] of this.#cursors) {
      if (position === from) chosen += 2 ** bucket;
      else limit = Math.min(limit, position);
    }
    if (limit === from) return { rows: [], to: from, end };
    const statement = this.db.statement(PAGE_SQL);
    statement.setReturnArrays(true);
    const found = statement.iterate(from, limit, chosen) as Iterable<unknown> as Iterable<LogRow>;
    const { rows, more } = takePage(found, eventValuesBytes);
    return { rows, to: more ? rows.at(-1)![POSITION] : limit, end };
  }

  #slices(rows: readonly LogRow[], from: number, to: number): readonly FeedSlice[] {
    const events = new Map<number, StoredEvent[]>();
    for (const row of rows) {
      const slice = events.get(row[BUCKET]);
      if (slice === undefined) events.set(row[BUCKET], [storedEventFromValues(row)]);
      else slice.push(storedEventFromValues(row));
    }
    const slices: FeedSlice[] = [];
    for (const [bucket, cursor] of this.#cursors) {
      if (cursor.position !== from) continue;
      cursor.position = to;
      const own = events.get(bucket) ?? [];
      if (own.length === 0 && to - cursor.given < SILENT_MAX) continue;
      cursor.given = to;
      slices.push({ bucket, events: own, checkpoint: String(to) });
    }
    return slices;
  }
}

/** An event's values, then its place in the log and its bucket. */
type LogRow = EventValues & { readonly [POSITION]: number; readonly [BUCKET]: number };

/** The place in the log that a checkpoint names. Throws when it is none: it came from another kind of log. */
export function positionOf(checkpoint: string | null): number {
  if (checkpoint === null) return 0;
  const position = Number(checkpoint);
  if (!/^\d+$/.test(checkpoint) || !Number.isSafeInteger(position)) {
    throw new RangeError(`checkpoint "${checkpoint}" is not a place in the embedded log: expected a whole number`);
  }
  return position;
}
