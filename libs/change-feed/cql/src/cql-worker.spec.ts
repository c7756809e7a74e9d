import type { CassandraLog, LogLayout } from '@chronicle/cql';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { systemClock as clock, systemEntropy as entropy, uuidV7 } from '@chronicle/seams';
import { CassandraFeed } from './cassandra-feed.fixture.js';
import { WorkerGroup, counted, until } from './worker-group.fixture.js';

const cassandra = new CassandraFeed(process.env);

cassandra.describeHandWritten('a worker on Cassandra', () => {
  let group: WorkerGroup;
  let healed: number;
  beforeAll(() => cassandra.create());
  beforeEach(async () => {
    healed = 0;
    group = new WorkerGroup(cassandra, await cassandra.feed(), { holeHealed: () => (healed += 1) });
  });
  afterEach(() => group.stop());
  afterAll(() => cassandra.remove());

  describe('given a log that misses, repeats, reorders and delays', () => {
    let log: CassandraLog;
    let withheld: StoredEvent[];
    let writer: CqlEventStore;
    beforeEach(async () => {
      log = await cassandra.log();
      withheld = [];
      const outbox = { write: async (events: readonly StoredEvent[]) => void withheld.push(...events) };
      writer = await CqlEventStore.open({ port: cassandra.port, clock, entropy, outbox });
    });
    afterEach(() => writer.close());

    /** Events 1 to `count` of a new aggregate, committed; what the log has of them is the test's affair. */
    async function committed(count: number): Promise<readonly StoredEvent[]> {
      const id = uuidV7(clock, entropy);
      await cassandra.append(id, count, writer);
      return withheld.filter(({ aggregateId }) => aggregateId === id);
    }

    it('then each event is handled once and in order, holes are healed from the event store and closed', async () => {
      const events = await committed(9);
      const id = events[0]!.aggregateId;
      const worker = await group.start();
      await log.write(events.slice(0, 1));
      await group.untilHandled(new Map([[id, 1]]));
      await log.write(events.slice(2, 3)); // 2 is missing
      await group.untilHandled(new Map([[id, 3]]));
      expect(healed).toBe(1);
      expect(worker.openHoles()).toEqual({ count: 0, oldestMs: 0 });
      await log.write(events.slice(0, 3)); // repeats
      await log.write([events[4]!, events[3]!]); // the wrong way round
      await group.untilHandled(new Map([[id, 5]]));
      await log.write(events.slice(6, 7));
      await cassandra.appearLate(events[5]!, 2_000); // before the newest that was read
      await group.untilHandled(new Map([[id, 7]]));
      await log.write(events.slice(8, 9)); // 8 never comes
      await group.untilHandled(new Map([[id, 9]]));
      expect(group.handled).toEqual(new Map([[id, counted(9)]]));
      expect(worker.openHoles()).toEqual({ count: 0, oldestMs: 0 });
      await until('the lag is 0', async () => (await worker.status()).lag.events === 0);
    });

    it('given the last event of an aggregate that appears late, then it is handled all the same', async () => {
      const events = await committed(2);
      const id = events[0]!.aggregateId;
      await group.start();
      await log.write(events.slice(0, 1));
      await group.untilHandled(new Map([[id, 1]]));
      await cassandra.appearLate(events[1]!, 1_500);
      await group.untilHandled(new Map([[id, 2]]));
      expect(group.handled.get(id)).toEqual([1, 2]);
    });
  });

  it('given a second worker and the end of the first, then nothing is lost and nothing is handled twice', async () => {
    const ids = counted(20).map(() => uuidV7(clock, entropy));
    const first = await group.start();
    for (const id of ids) await cassandra.append(id, 1);
    await group.untilHandled(new Map(ids.map((id) => [id, 1])));
    const second = await group.start();
    await until('buckets are shared', () => first.bucketsHeld() === 16 && second.bucketsHeld() === 16);
    for (const id of ids) await cassandra.append(id, 1);
    await first.stop();
    for (const id of ids) await cassandra.append(id, 1);
    await group.untilHandled(new Map(ids.map((id) => [id, 3])));
    for (const id of ids) expect(group.handled.get(id)).toEqual([1, 2, 3]);
  });
});

describe.each<[string, LogLayout]>([
  ['vnodes', { style: 'vnodes', ranges: 16, shards: 2 }],
  ['tablets', { style: 'tablets', ranges: 16 }],
])('a worker on a log in the style of %s', (_, layout) => {
  const own = new CassandraFeed(process.env);
  own.describeHandWritten('when the log changes its generation', () => {
    beforeAll(async () => {
      await own.create();
      await own.log(layout);
    });
    afterAll(() => own.remove());

    it('then nothing is lost, handled twice or out of order', async () => {
      const group = new WorkerGroup(own, await own.feed());
      await group.start();
      const ids = counted(10).map(() => uuidV7(clock, entropy));
      const log = await own.log();
      const changesAt = await log.switchGeneration({ ranges: 24 });
      let rounds = 0;
      for (; Date.now() < changesAt + 3_000; rounds += 1) for (const id of ids) await own.append(id, 1);
      await group.untilHandled(new Map(ids.map((id) => [id, rounds])));
      await group.stop();
      for (const id of ids) expect(group.handled.get(id)).toEqual(counted(rounds));
    });
  });
});
