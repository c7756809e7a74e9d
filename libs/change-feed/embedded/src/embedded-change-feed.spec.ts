import type { FeedSlice } from '@chronicle/change-feed-core';
import { ManualClock, systemClock as clock } from '@chronicle/seams';
import { EmbeddedChangeFeed } from './embedded-change-feed.js';
import { Folder } from './folder.fixture.js';

const BUSY = '00000000-0000-7000-8000-000000000001';
const never = new AbortController().signal;

describe('EmbeddedChangeFeed', () => {
  let folder: Folder;
  let feed: EmbeddedChangeFeed;
  beforeEach(async () => {
    folder = await Folder.make();
    feed = folder.keep(await EmbeddedChangeFeed.open({ dataDir: folder.dataDir, clock }));
  });
  afterEach(() => folder.remove());

  async function read(reader: ReturnType<EmbeddedChangeFeed['reader']>): Promise<readonly FeedSlice[]> {
    const all: FeedSlice[] = [];
    for (let some = await reader.next(never); some.length > 0; some = await reader.next(never)) all.push(...some);
    return all;
  }

  it('given a bucket without events, then its checkpoint follows all the same, so that a restart does not read it all again', async () => {
    const silent = (feed.bucketOf(BUSY) + 1) % feed.bucketCount;
    const reader = feed.reader();
    reader.assign(silent, null);
    await folder.append(BUSY, 2500);
    expect(await read(reader)).toEqual([{ bucket: silent, events: [], checkpoint: '2500' }]);
    await folder.append(BUSY, 10);
    expect(await read(reader)).toEqual([]);
  });

  it('given buckets with different checkpoints, then the one behind catches up and both go on together', async () => {
    const bucket = feed.bucketOf(BUSY);
    const other = '00000000-0000-7000-8000-000000000003';
    expect(feed.bucketOf(other)).not.toBe(bucket);
    await folder.append(BUSY, 300);
    await folder.append(other, 300);
    const reader = feed.reader();
    reader.assign(bucket, '100');
    reader.assign(feed.bucketOf(other), '450');
    const slices = await read(reader);
    const sequences = (id: string) =>
      slices.flatMap(({ events }) =>
        events.filter((event) => event.aggregateId === id).map((event) => event.sequenceNumber),
      );
    expect(sequences(BUSY)).toEqual(Array.from({ length: 200 }, (_, index) => 101 + index));
    expect(sequences(other)).toEqual(Array.from({ length: 150 }, (_, index) => 151 + index));
  });

  it('given a burst, then what comes within 20 ms of a read is read together, and a wake-up does not wait for it', async () => {
    const manual = new ManualClock();
    const manualFeed = folder.keep(await EmbeddedChangeFeed.open({ dataDir: folder.dataDir, clock: manual }));
    const reader = manualFeed.reader();
    reader.assign(feed.bucketOf(BUSY), null);
    await folder.append(BUSY, 1);
    const counts = (slices: readonly FeedSlice[]) => slices.map(({ events }) => events.length);
    expect(counts(await reader.next(never))).toEqual([1]);
    const burst = reader.next(never);
    expect(manual.sleeping).toBe(1);
    await folder.append(BUSY, 1);
    await folder.append(BUSY, 1);
    manual.advance(20);
    expect(counts(await burst)).toEqual([2]);
    expect(await reader.next(AbortSignal.abort())).toEqual([]);
  });

  it('given a checkpoint of another kind of log, then it is refused', () => {
    expect(() => feed.reader().assign(0, 'generation-3')).toThrow(
      new RangeError('checkpoint "generation-3" is not a place in the embedded log: expected a whole number'),
    );
  });

  it('given far more events than are counted, then the lag is an estimate', async () => {
    await folder.append(BUSY, 12_500);
    expect((await feed.lag(new Map())).events).toBe(12_500);
    const checkpoints = new Map(Array.from({ length: 32 }, (_, bucket) => [bucket, '12400']));
    expect((await feed.lag(checkpoints)).events).toBe(100);
  });
});
