import type { StoredEvent } from '@chronicle/event-sourcing-core';

/** The most events that one call of {@link FeedReader.next} hands out. */
export const FEED_EVENTS_MAX = 1000;

/**
 * A piece of the change log of one bucket. Its events may repeat what was handed out before and may come early (an
 * aggregate's 7 before its 6): the sequencer behind it drops and holds. `checkpoint` is the place from which a later reader
 * loses nothing, provided that everything handed out so far for this bucket has been handled; null: no new such place yet.
 */
export interface FeedSlice {
  readonly bucket: number;
  readonly events: readonly StoredEvent[];
  /** Opaque text, comparable by nobody but the feed that made it. */
  readonly checkpoint: string | null;
}

/** Committed events that a consumer group has not handled yet. */
export interface FeedLag {
  /** Exact up to 10,000, an estimate beyond. */
  readonly events: number;
  /** Timestamp of the oldest of them, null when there is none. */
  readonly oldest: string | null;
}

/**
 * The change log of all aggregates, cut into {@link bucketCount} fixed buckets. Every committed event appears in exactly one
 * bucket, always the same for an aggregate, at least once, in any order the engine cannot help; none is ever left out.
 */
export abstract class ChangeFeed {
  abstract readonly bucketCount: number;
  /** The bucket of an aggregate: 0 to `bucketCount` − 1, the same for ever. */
  abstract bucketOf(aggregateId: string): number;
  /** A reader of its own for one process of one consumer group. */
  abstract reader(): FeedReader;
  /** What lies behind these checkpoints (by bucket; a bucket that is missing or null has read nothing), over all buckets. */
  abstract lag(checkpoints: ReadonlyMap<number, string | null>): Promise<FeedLag>;
  /** The whole log, in pages, for checks that it equals the event store. Repeats are possible. */
  abstract contents(): AsyncIterable<readonly StoredEvent[]>;
  abstract close(): Promise<void>;
}

/** Reads the buckets assigned to it. Used by one caller, one call at a time. */
export abstract class FeedReader {
  /** Begins with `bucket`, at `checkpoint` (null: at the beginning of the log). Assigning again moves it there. */
  abstract assign(bucket: number, checkpoint: string | null): void;
  /** Stops handing out `bucket`. */
  abstract revoke(bucket: number): void;
  /**
   * The next slices, at most {@link FEED_EVENTS_MAX} events together; waits up to the poll interval when there are none and
   * then answers []. Resolves early, with [], when `signal` is aborted. Throws `StoreUnavailableError` when the log cannot be
   * read; nothing is skipped by it, the next call goes on where it was.
   */
  abstract next(signal: AbortSignal): Promise<readonly FeedSlice[]>;
  abstract close(): Promise<void>;
}
