import { changeFeedContract } from '@chronicle/change-feed-testing';
import type { FeedReader } from '@chronicle/change-feed-core';
import { CqlPort, type ConditionalResult, type CqlPage } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { systemClock as clock, systemEntropy as entropy, uuidV7 } from '@chronicle/seams';
import { CassandraFeed } from './cassandra-feed.fixture.js';

const cassandra = new CassandraFeed(process.env);
const id = '00000000-0000-7000-8000-000000000001';
/** `cdc$operation` of ScyllaDB's log. */
const [UPDATE, DELETE_ROW, EXPIRED_ROW] = [1, 3, -3];

/** A database that can be out of reach. */
class FailingPort extends CqlPort {
  fails = false;

  constructor(private readonly port: CqlPort) {
    super();
  }

  async read(...read: Parameters<CqlPort['read']>): Promise<CqlPage> {
    if (this.fails) throw new StoreUnavailableError('out of reach');
    return this.port.read(...read);
  }

  write(...write: Parameters<CqlPort['write']>): Promise<void> {
    return this.port.write(...write);
  }

  writeTogether(...writes: Parameters<CqlPort['writeTogether']>): Promise<void> {
    return this.port.writeTogether(...writes);
  }

  writeIf(...writes: Parameters<CqlPort['writeIf']>): Promise<ConditionalResult> {
    return this.port.writeIf(...writes);
  }

  async close(): Promise<void> {}
}

async function untilThrown(reader: FeedReader): Promise<never> {
  for (;;) await reader.next(new AbortController().signal);
}

cassandra.describe('CqlChangeFeed', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  changeFeedContract(cassandra.dialect, async () => {
    await cassandra.empty();
    const feed = await cassandra.feed();
    return { feed, append: (id, count) => cassandra.append(id, count), close: () => feed.close() };
  });

  it('given more than 10,000 events behind, then the lag is estimated', async () => {
    await cassandra.empty();
    const ids = Array.from({ length: 320 }, () => uuidV7(clock, entropy));
    for (const id of ids) await cassandra.append(id, 40);
    const { events } = await (await cassandra.feed()).lag(new Map());
    expect(events).toBeGreaterThan(10_000);
    expect(events).toBeLessThan(2 * 320 * 40);
  });

  it('given a database that does not answer, then nothing new is never what the reader says', async () => {
    await cassandra.empty();
    await cassandra.append(id, 1);
    const port = new FailingPort(cassandra.port);
    const feed = await cassandra.feed({ port, settings: { pageRetriesMax: 0, retryDelayMs: 500 } });
    const reader = feed.reader();
    reader.assign(feed.bucketOf(id), null);
    port.fails = true;
    await expect(untilThrown(reader)).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(reader.next(new AbortController().signal)).rejects.toBeInstanceOf(StoreUnavailableError);
    await reader.close();
  });

  it('given a database that does not answer, then the reader says so and goes on later', async () => {
    await cassandra.empty();
    await cassandra.append(id, 1);
    const port = new FailingPort(cassandra.port);
    const feed = await cassandra.feed({ port, settings: { pageRetriesMax: 0, retryDelayMs: 10, retryDelayMaxMs: 10 } });
    const reader = feed.reader();
    reader.assign(feed.bucketOf(id), null);
    port.fails = true;
    await expect(untilThrown(reader)).rejects.toBeInstanceOf(StoreUnavailableError);
    port.fails = false;
    let events = 0;
    while (events === 0) {
      for (const slice of await reader.next(new AbortController().signal).catch(() => []))
        events += slice.events.length;
    }
    await reader.close();
    expect(events).toBe(1);
  });
});

cassandra.describeHandWritten('CqlChangeFeed on a log with other changes', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  it('given what is no insert of an event, then it is ignored and counted', async () => {
    await cassandra.empty();
    await cassandra.append(id, 1);
    await cassandra.writeLogRows(id, [UPDATE, DELETE_ROW, EXPIRED_ROW]);
    await cassandra.append(id, 1);
    const ignored: string[] = [];
    const feed = await cassandra.feed({ observer: { changeIgnored: (kind) => ignored.push(kind) } });
    const reader = feed.reader();
    reader.assign(feed.bucketOf(id), null);
    const found: number[] = [];
    while (found.length < 2) {
      for (const { events } of await reader.next(new AbortController().signal))
        found.push(...events.map(({ sequenceNumber }) => sequenceNumber));
    }
    await reader.close();
    expect(found).toEqual([1, 2]);
    expect(ignored).toEqual(['update', 'delete-row', 'delete-row']);
  });
});
