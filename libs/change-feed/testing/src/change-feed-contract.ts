import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FEED_EVENTS_MAX } from '@chronicle/change-feed-core';
import type { ChangeFeed, FeedReader, FeedSlice } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';

/** One empty change log, and what it takes to try it. */
export interface ChangeFeedHarness {
  readonly feed: ChangeFeed;
  /** Commits the next `count` events of an aggregate (a UUID); they are in the log when it resolves. */
  append(aggregateId: string, count: number): Promise<void>;
  close(): Promise<void>;
}

/** The most calls of `next` that a test makes before it takes an event for lost. */
const CALLS_MAX = 500;

const never = new AbortController().signal;

/** Aggregates 1 to 40, in many buckets. */
const IDS = Array.from({ length: 40 }, (_, index) => `00000000-0000-7000-8000-0000000000${String(index + 10)}`);

/** What every change feed promises, however its log is kept. */
export function changeFeedContract(name: string, open: () => Promise<ChangeFeedHarness>): void {
  describe(`a change feed on ${name}`, () => {
    let harness: ChangeFeedHarness;
    let feed: ChangeFeed;
    let readers: FeedReader[];
    beforeEach(async () => {
      harness = await open();
      feed = harness.feed;
      readers = [];
    });
    afterEach(async () => {
      for (const reader of readers) await reader.close();
      await harness.close();
    });

    /** A reader of all buckets, from these checkpoints. */
    function readerFrom(checkpoints: ReadonlyMap<number, string | null> = new Map()): FeedReader {
      const reader = feed.reader();
      readers.push(reader);
      for (let bucket = 0; bucket < feed.bucketCount; bucket += 1)
        reader.assign(bucket, checkpoints.get(bucket) ?? null);
      return reader;
    }

    async function appendAll(count: number): Promise<void> {
      for (const id of IDS) await harness.append(id, count);
    }

    it('given an empty log, then there is nothing to read, no lag and no contents', async () => {
      expect(names(await readerFrom().next(never))).toEqual([]);
      expect(await feed.lag(new Map())).toEqual({ events: 0, oldest: null });
      expect(await contents(feed)).toEqual([]);
    });

    it('puts an aggregate into one bucket, whatever the case of its id', () => {
      for (const id of IDS) {
        expect(feed.bucketOf(id)).toBe(feed.bucketOf(id.toUpperCase()));
        expect(feed.bucketOf(id)).toBeGreaterThanOrEqual(0);
        expect(feed.bucketOf(id)).toBeLessThan(feed.bucketCount);
      }
      expect(new Set(IDS.map((id) => feed.bucketOf(id))).size).toBeGreaterThan(1);
    });

    it('hands out every committed event, whole, in the bucket of its aggregate', async () => {
      await appendAll(3);
      const slices = await readUntil(readerFrom(), IDS.length * 3);
      for (const { bucket, events } of slices) {
        for (const event of events) expect(feed.bucketOf(event.aggregateId)).toBe(bucket);
      }
      expect(names(slices)).toEqual(IDS.flatMap((id) => [1, 2, 3].map((sequence) => `${id} ${sequence}`)));
      const stored = new Map((await contents(feed)).map((event) => [event.eventId, event]));
      for (const event of slices.flatMap((slice) => slice.events)) expect(event).toEqual(stored.get(event.eventId));
    });

    it('hands out at most as many events at once as it says', async () => {
      for (const id of IDS.slice(0, 3)) await harness.append(id, 600);
      const slices: FeedSlice[] = [];
      const reader = readerFrom();
      for (let events = 0; events < 1800;) {
        const some = await reader.next(never);
        const count = some.reduce((sum, slice) => sum + slice.events.length, 0);
        expect(count).toBeLessThanOrEqual(FEED_EVENTS_MAX);
        events += count;
        slices.push(...some);
      }
      expect(new Set(names(slices)).size).toBe(1800);
    });

    it('given a reader that waits, when an event is committed, then it is handed out', async () => {
      const reader = readerFrom();
      expect(names(await reader.next(never))).toEqual([]);
      await harness.append(IDS[0]!, 1);
      expect(names(await readUntil(reader, 1))).toEqual([`${IDS[0]} 1`]);
    });

    it('given the checkpoints of a reader, then one that begins there loses nothing', async () => {
      await appendAll(2);
      const before = await readUntil(readerFrom(), IDS.length * 2);
      const saved = checkpointsOf(before);
      await appendAll(2);
      const after = await readUntil(readerFrom(saved), IDS.length * 2);
      expect(new Set([...names(before), ...names(after)])).toEqual(
        new Set(IDS.flatMap((id) => [1, 2, 3, 4].map((sequence) => `${id} ${sequence}`))),
      );
    });

    it('given one bucket of many, then only its events are handed out, and others when they are assigned', async () => {
      await appendAll(1);
      const reader = feed.reader();
      readers.push(reader);
      const bucket = feed.bucketOf(IDS[0]!);
      const own = IDS.filter((id) => feed.bucketOf(id) === bucket);
      reader.assign(bucket, null);
      expect(names(await readUntil(reader, own.length))).toEqual(own.map((id) => `${id} 1`));
      expect(names(await reader.next(never))).toEqual([]);
      const other = IDS.find((id) => feed.bucketOf(id) !== bucket)!;
      const others = IDS.filter((id) => feed.bucketOf(id) === feed.bucketOf(other));
      reader.assign(feed.bucketOf(other), null);
      await harness.append(IDS[0]!, 1);
      const slices = await readUntil(reader, others.length + 1);
      expect(names(slices)).toEqual([...others.map((id) => `${id} 1`), `${IDS[0]} 2`].sort());
    });

    it('given a bucket that is revoked, then nothing of it is handed out; assigned again, it begins where it is told to', async () => {
      await harness.append(IDS[0]!, 2);
      const bucket = feed.bucketOf(IDS[0]!);
      const reader = readerFrom();
      await readUntil(reader, 2);
      reader.revoke(bucket);
      await harness.append(IDS[0]!, 1);
      expect(names(await reader.next(never))).toEqual([]);
      reader.assign(bucket, null);
      expect(names(await readUntil(reader, 3))).toEqual([1, 2, 3].map((sequence) => `${IDS[0]} ${sequence}`));
    });

    it('given an abort, then a waiting reader answers at once, with nothing, and goes on later', async () => {
      const reader = readerFrom();
      await reader.next(never);
      const abort = new AbortController();
      const waiting = reader.next(abort.signal);
      abort.abort();
      expect(await waiting).toEqual([]);
      expect(await reader.next(abort.signal)).toEqual([]);
      await harness.append(IDS[0]!, 1);
      expect(names(await readUntil(reader, 1))).toEqual([`${IDS[0]} 1`]);
    });

    it('counts exactly what lies behind the checkpoints, and names the time of the oldest', async () => {
      await appendAll(2);
      const slices = await readUntilCheckpoints(readerFrom(), feed);
      expect(await feed.lag(checkpointsOf(slices))).toEqual({ events: 0, oldest: null });
      await harness.append(IDS[0]!, 3);
      await harness.append(IDS[1]!, 1);
      const all = await contents(feed);
      const oldest = all.find((event) => event.aggregateId === IDS[0] && event.sequenceNumber === 3)!.timestamp;
      expect(await feed.lag(checkpointsOf(slices))).toEqual({ events: 4, oldest });
      expect((await feed.lag(new Map())).events).toBe(IDS.length * 2 + 4);
      const only = new Map([[feed.bucketOf(IDS[0]!), checkpointsOf(slices).get(feed.bucketOf(IDS[0]!))!]]);
      const unread = all.filter((event) => feed.bucketOf(event.aggregateId) !== feed.bucketOf(IDS[0]!)).length;
      const new0 = [IDS[0], IDS[1]].filter((id) => feed.bucketOf(id!) === feed.bucketOf(IDS[0]!)).length === 2 ? 4 : 3;
      expect((await feed.lag(only)).events).toBe(unread + new0);
    });

    it('given two readers, then each is handed out everything', async () => {
      await appendAll(1);
      const [one, two] = [readerFrom(), readerFrom()];
      expect(names(await readUntil(one, IDS.length))).toEqual(names(await readUntil(two, IDS.length)));
    });
  });
}

async function readUntil(reader: FeedReader, events: number): Promise<readonly FeedSlice[]> {
  const slices: FeedSlice[] = [];
  for (let call = 0; call < CALLS_MAX; call += 1) {
    slices.push(...(await reader.next(never)));
    if (new Set(names(slices)).size >= events) return slices;
  }
  throw new Error(`expected ${events} events within ${CALLS_MAX} reads, found ${names(slices).length}`);
}

/** Reads until the checkpoints that were handed out have nothing behind them: they may come a little after the events. */
async function readUntilCheckpoints(reader: FeedReader, feed: ChangeFeed): Promise<readonly FeedSlice[]> {
  const slices: FeedSlice[] = [];
  for (let call = 0; call < CALLS_MAX; call += 1) {
    slices.push(...(await reader.next(never)));
    if ((await feed.lag(checkpointsOf(slices))).events === 0) return slices;
  }
  throw new Error(`expected checkpoints with nothing behind them within ${CALLS_MAX} reads`);
}

function names(slices: readonly FeedSlice[]): readonly string[] {
  return slices.flatMap(({ events }) => events.map((event) => `${event.aggregateId} ${event.sequenceNumber}`)).sort();
}

function checkpointsOf(slices: readonly FeedSlice[]): ReadonlyMap<number, string> {
  return new Map(slices.flatMap(({ bucket, checkpoint }) => (checkpoint === null ? [] : [[bucket, checkpoint]])));
}

async function contents(feed: ChangeFeed): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of feed.contents()) events.push(...page);
  return events;
}
