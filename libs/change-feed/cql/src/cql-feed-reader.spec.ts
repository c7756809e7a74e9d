import type { FeedReader, FeedSlice } from '@chronicle/change-feed-core';
import { checkpointAt } from '@chronicle/scylla-cdc';
import { bucketOf } from './buckets.js';
import { CassandraFeed } from './cassandra-feed.fixture.js';
import type { CqlChangeFeed } from './cql-change-feed.js';

const cassandra = new CassandraFeed(process.env);
const HOUR_MS = 60 * 60 * 1000;
/** The log begins two hours ago and keeps an hour. */
const retentionMs = HOUR_MS;
const CALLS_MAX = 500;
const never = new AbortController().signal;

/** Aggregates of one bucket, and one of another. */
const [one, two, three] = idsOfBucketOf('00000000-0000-7000-8000-000000000001', 3);
const elsewhere = idsOf().find((id) => bucketOf(id) !== bucketOf(one!))!;
const bucket = bucketOf(one!);

function idsOf(): string[] {
  return Array.from({ length: 500 }, (_, index) => `00000000-0000-7000-8000-${String(index + 1).padStart(12, '0')}`);
}
function idsOfBucketOf(id: string, count: number): string[] {
  return idsOf()
    .filter((other) => bucketOf(other) === bucketOf(id))
    .slice(0, count);
}

cassandra.describeHandWritten('a feed whose log has lost its first events', () => {
  const began: number[] = [];
  let feed: CqlChangeFeed;
  let reader: FeedReader;
  beforeAll(async () => {
    await cassandra.create();
    await cassandra.beginLogAgo(2 * HOUR_MS);
    feed = await cassandra.feed({ retentionMs, observer: { catchUpBegan: (begun) => began.push(begun) } });
  });
  beforeEach(async () => {
    await cassandra.empty();
    began.length = 0;
    reader = feed.reader();
  });
  afterEach(() => reader.close());
  afterAll(() => cassandra.remove());

  /** Reads until `events` different ones were handed out. */
  async function readUntil(events: number): Promise<readonly FeedSlice[]> {
    const slices: FeedSlice[] = [];
    for (let call = 0; call < CALLS_MAX; call += 1) {
      slices.push(...(await reader.next(never)));
      if (new Set(names(slices)).size >= events) return slices;
    }
    throw new Error(`expected ${events} events, found ${new Set(names(slices)).size}`);
  }

  it('given a bucket that begins, then it is handed out what the event store has, and then what the log has', async () => {
    await cassandra.append(one!, 2);
    await cassandra.append(elsewhere, 1);
    await cassandra.expireLog();
    reader.assign(bucket, null);
    expect(names(await readUntil(2))).toEqual([`${one} 1`, `${one} 2`]);
    await cassandra.append(one!, 1);
    await cassandra.append(two!, 1);
    expect(new Set(names(await readUntil(2)))).toEqual(new Set([`${one} 3`, `${two} 1`]));
    expect(began).toEqual([bucket]);
  });

  it('given a checkpoint that is older than the log is trusted, then the bucket catches up from the event store', async () => {
    await cassandra.append(one!, 2);
    await cassandra.expireLog();
    reader.assign(bucket, `log - ${checkpointAt(new Date(Date.now() - 0.9 * retentionMs))}`);
    expect(names(await readUntil(2))).toEqual([`${one} 1`, `${one} 2`]);
    expect(began).toEqual([bucket]);
  });

  it('given a checkpoint that is younger, then the log is read and the event store is not', async () => {
    await cassandra.append(one!, 2);
    await cassandra.expireLog();
    reader.assign(bucket, `log - ${checkpointAt(new Date(Date.now() - 0.7 * retentionMs))}`);
    await cassandra.append(one!, 1);
    expect(names(await readUntil(1))).toEqual([`${one} 3`]);
    expect(began).toEqual([]);
  });

  it('given events that are committed while a bucket is scanned, then none is missing', async () => {
    await cassandra.append(one!, 1500);
    await cassandra.expireLog();
    reader.assign(bucket, null);
    await readUntil(1000);
    await cassandra.append(one!, 1);
    await cassandra.append(two!, 1);
    await cassandra.append(three!, 1);
    const rest = new Set(names(await readUntil(503)));
    expect(rest).toEqual(new Set([...sequencesOf(one!, 1001, 1501), `${two} 1`, `${three} 1`]));
  });

  it('given a checkpoint in the middle of a scan, then a later one begins there, with the whole of an aggregate', async () => {
    for (const id of [one!, two!, three!]) await cassandra.append(id, 900);
    await cassandra.expireLog();
    reader.assign(bucket, null);
    const slices = await readUntil(1000);
    const checkpoint = slices.at(-1)!.checkpoint!;
    expect(checkpoint).toMatch(/^scan /);
    const [first] = slices.flatMap(({ events }) => events);
    expect(await lagAt(checkpoint)).toBe(1800);
    await reader.close();
    reader = feed.reader();
    reader.assign(bucket, checkpoint);
    const others = [one!, two!, three!].filter((id) => id !== first!.aggregateId);
    const rest = new Set(names(await readUntil(1800)));
    expect(rest).toEqual(new Set(others.flatMap((id) => [...sequencesOf(id, 1, 900)])));
  });

  it('counts as lag what the event store has of buckets that have not begun', async () => {
    await cassandra.append(one!, 3);
    await cassandra.append(elsewhere, 1);
    await cassandra.expireLog();
    const { events, oldest } = await feed.lag(new Map());
    expect(events).toBe(4);
    const stored = await (await cassandra.events()).load(one!).next();
    expect(oldest).toBe(stored.value![0].timestamp);
  });

  async function lagAt(checkpoint: string): Promise<number> {
    const now = `log - ${checkpointAt(new Date())}`;
    const all = Array.from({ length: feed.bucketCount }, (_, other) => [other, now] as const);
    return (await feed.lag(new Map([...all, [bucket, checkpoint]]))).events;
  }
});

function sequencesOf(id: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${id} ${from + index}`);
}

function names(slices: readonly FeedSlice[]): readonly string[] {
  return slices.flatMap(({ events }) => events.map((event) => `${event.aggregateId} ${event.sequenceNumber}`));
}
