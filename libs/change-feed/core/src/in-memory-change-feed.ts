import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import { ChangeFeed, FEED_EVENTS_MAX, FeedReader } from './change-feed.js';
import type { FeedLag, FeedSlice } from './change-feed.js';

const POLL_MS = 20;

/** The log of all buckets as {@link InMemoryChangeFeed} keeps it; a checkpoint is how many of its entries were handed out. */
type Log = readonly StoredEvent[];

/**
 * The change feed as the port means it, in the memory of one process: the reference that others are compared with, and a
 * stand-in for specs. Its log is what {@link publish} was given, in that order, be it late, early or twice.
 */
export class InMemoryChangeFeed extends ChangeFeed {
  readonly #log: StoredEvent[] = [];

  constructor(
    private readonly clock: Clock,
    readonly bucketCount = 32,
  ) {
    super();
  }

  publish(...events: readonly StoredEvent[]): void {
    this.#log.push(...events);
  }

  bucketOf(aggregateId: string): number {
    let sum = 0;
    for (const character of aggregateId.toLowerCase()) sum = (sum * 31 + character.codePointAt(0)!) >>> 0;
    return sum % this.bucketCount;
  }

  reader(): FeedReader {
    return new InMemoryFeedReader(this.#log, this.clock, (aggregateId) => this.bucketOf(aggregateId));
  }

  async lag(checkpoints: ReadonlyMap<number, string | null>): Promise<FeedLag> {
    const behind = this.#log.filter((event, index) => {
      const checkpoint = checkpoints.get(this.bucketOf(event.aggregateId)) ?? null;
      return index >= Number(checkpoint);
    });
    return { events: behind.length, oldest: behind[0]?.timestamp ?? null };
  }

  async *contents(): AsyncGenerator<readonly StoredEvent[]> {
    for (let from = 0; from < this.#log.length; from += FEED_EVENTS_MAX)
      yield this.#log.slice(from, from + FEED_EVENTS_MAX);
  }

  async close(): Promise<void> {
    this.#log.length = 0;
  }
}

class InMemoryFeedReader extends FeedReader {
  readonly #cursors = new Map<number, number>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly bucketOf: (aggregateId: string) => number,
  ) {
    super();
  }

  assign(bucket: number, checkpoint: string | null): void {
    this.#cursors.set(bucket, Number(checkpoint));
  }

  revoke(bucket: number): void {
    this.#cursors.delete(bucket);
  }

  async next(signal: AbortSignal): Promise<readonly FeedSlice[]> {
    const slices = this.#read();
    if (slices.length > 0 || signal.aborted) return slices;
    await this.clock.sleep(POLL_MS, signal);
    return signal.aborted ? [] : this.#read();
  }

  async close(): Promise<void> {
    this.#cursors.clear();
  }

  #read(): readonly FeedSlice[] {
    const slices: FeedSlice[] = [];
    let room = FEED_EVENTS_MAX;
    for (const [bucket, from] of this.#cursors) {
      const events: StoredEvent[] = [];
      let to = from;
      for (; to < this.log.length && room > 0; to += 1) {
        const event = this.log[to]!;
        if (this.bucketOf(event.aggregateId) !== bucket) continue;
        events.push(event);
        room -= 1;
      }
      this.#cursors.set(bucket, to);
      if (events.length > 0) slices.push({ bucket, events, checkpoint: String(to) });
    }
    return slices;
  }
}
