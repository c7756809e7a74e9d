import { jest } from '@jest/globals';
import { consumerStoreContract } from '@chronicle/change-feed-testing';
import type { Advance, Parking, Position } from '@chronicle/change-feed-core';
import { statement } from '@chronicle/cql';
import { armFailpoints } from '@chronicle/seams';
import { CassandraFeed } from './cassandra-feed.fixture.js';
import { CqlConsumerStore, type EffectWriter } from './cql-consumer-store.js';
import { CqlGroupCoordination } from './cql-group-coordination.js';
import { RecordedEffects } from './recorded-effects.fixture.js';
import { ownerStamp } from './write-stamp.js';

const cassandra = new CassandraFeed(process.env);
const a = '00000000-0000-7000-8000-00000000000a';
const b = '00000000-0000-7000-8000-00000000000b';
const c = '00000000-0000-7000-8000-00000000000c';
const OWNER = '00000000-0000-7000-8000-000000000001';
let groups = 0;

/** One consumer group of its own, and the processes in it. */
class Group {
  readonly group = `things-${(groups += 1)}`;
  readonly effects = new RecordedEffects();

  open(effects: EffectWriter<string> = this.effects, version = 1): Promise<CqlConsumerStore<string>> {
    return CqlConsumerStore.open<string>({ port: cassandra.port, group: this.group, version, effects });
  }

  /** Somebody takes the bucket; returns the epoch. */
  async take(bucket: number, version = 1): Promise<number> {
    const { group } = this;
    const coordination = await CqlGroupCoordination.open({ port: cassandra.port, group, version, bucketCount: 32 });
    const claim = await coordination.take((await coordination.buckets())[bucket]!, OWNER);
    if (claim.outcome !== 'claimed') throw new Error(`expected a claim, found ${claim.outcome}`);
    return claim.epoch;
  }
}

/** Holds up a commit after the check of its epochs and before its positions. */
class GatedEffects implements EffectWriter<string> {
  readonly reached: Promise<void>;
  open!: () => void;
  readonly #opened: Promise<void>;
  #reach!: () => void;

  constructor() {
    this.reached = new Promise((resolve) => (this.#reach = resolve));
    this.#opened = new Promise((resolve) => (this.open = resolve));
  }

  async write(): Promise<void> {
    this.#reach();
    await this.#opened;
  }
}

function step(
  aggregateId: string,
  epoch: number,
  position: Partial<Position>,
  ...effects: readonly string[]
): Advance<string> {
  return { aggregateId, bucket: 0, epoch, position: { sequence: 1, state: null, parked: null, ...position }, effects };
}

function parking(sequenceNumber: number, code = 'poison'): Parking {
  return { sequenceNumber, eventType: 'ThingDone', code, reason: 'bad', since: '2026-01-01T00:00:00.000Z' };
}

cassandra.describe('CqlConsumerStore', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());
  afterEach(() => armFailpoints(''));

  consumerStoreContract('Cassandra', async () => {
    const group = new Group();
    return {
      store: await group.open(),
      take: (bucket) => group.take(bucket),
      applied: async () => group.effects.lines,
      again: () => group.open(),
      close: async () => undefined,
    };
  });

  describe('given an owner that lost its bucket while a commit was on its way', () => {
    type Commit = (epoch: number) => Parameters<CqlConsumerStore<string>['commit']>;

    /** `late` is on its way while a new owner commits `meanwhile`; then both are through. The old one has committed `before`. */
    async function race(
      late: Commit,
      meanwhile: readonly Commit[],
      before: readonly Commit[] = [],
    ): Promise<CqlConsumerStore<string>> {
      const group = new Group();
      const gate = new GatedEffects();
      const old = await group.open(gate);
      const oldEpoch = await group.take(0);
      for (const commit of before) await old.commit(...commit(oldEpoch));
      const onItsWay = old.commit(...late(oldEpoch));
      await gate.reached;
      const successor = await group.open();
      const epoch = await group.take(0);
      for (const commit of meanwhile) await successor.commit(...commit(epoch));
      gate.open();
      await onItsWay;
      return successor;
    }

    it('then its positions do not take back those of the new owner', async () => {
      const store = await race(
        (epoch) => [[step(a, epoch, { sequence: 2, state: 'two' }, 'x')], []],
        [(epoch) => [[step(a, epoch, { sequence: 3, state: 'three' })], []]],
      );
      expect(await store.positions([a])).toEqual(new Map([[a, { sequence: 3, state: 'three', parked: null }]]));
    });

    it('then its checkpoint does not take back that of the new owner', async () => {
      const store = await race(
        (epoch) => [[step(a, epoch, {}, 'x')], [{ bucket: 0, epoch, checkpoint: 'old' }]],
        [(epoch) => [[], [{ bucket: 0, epoch, checkpoint: 'new' }]]],
      );
      expect(await store.checkpoints()).toEqual(new Map([[0, 'new']]));
    });

    it('then it cannot park what the new owner has parked and taken further', async () => {
      const store = await race(
        (epoch) => [[step(a, epoch, { sequence: 1, parked: parking(2) }, 'x')], []],
        [
          (epoch) => [[step(a, epoch, { sequence: 1, parked: parking(2, 'other') })], []],
          (epoch) => [[step(a, epoch, { sequence: 2 })], []],
        ],
      );
      expect(await store.positions([a])).toEqual(new Map([[a, { sequence: 2, state: null, parked: null }]]));
      expect(await store.parked()).toEqual([]);
    });

    it('then it cannot unpark what the new owner has parked, at the same sequence', async () => {
      const store = await race(
        (epoch) => [[step(a, epoch, { sequence: 1, state: 'one' }, 'x')], []],
        [(epoch) => [[step(a, epoch, { sequence: 1, state: 'one', parked: parking(2) })], []]],
        [(epoch) => [[step(a, epoch, { sequence: 1, state: 'one', parked: parking(2, 'other') })], []]],
      );
      const position = { sequence: 1, state: 'one', parked: parking(2) };
      expect(await store.positions([a])).toEqual(new Map([[a, position]]));
    });

    it('then what it takes past the event at which the new owner has parked it stays parked, at the next one', async () => {
      const store = await race(
        (epoch) => [[step(a, epoch, { sequence: 2, state: 'two' }, 'x')], []],
        [(epoch) => [[step(a, epoch, { sequence: 1, state: 'one', parked: parking(2) })], []]],
      );
      const position = { sequence: 2, state: 'two', parked: parking(3) };
      expect(await store.positions([a])).toEqual(new Map([[a, position]]));
      expect(await store.parked()).toEqual([{ aggregateId: a, ...parking(3) }]);
    });
  });

  it('parks and goes on at another sequence, and keeps the state', async () => {
    const group = new Group();
    const [store, epoch] = [await group.open(), await group.take(0)];
    await store.commit([step(a, epoch, { sequence: 4, state: 'four', parked: parking(5) })], []);
    expect((await store.positions([a])).get(a)).toEqual({ sequence: 4, state: 'four', parked: parking(5) });
    const other = await group.open();
    await other.positions([a]); // as a worker does before it goes on
    await other.commit([step(a, epoch, { sequence: 6, state: 'six' })], []);
    expect((await store.positions([a])).get(a)).toEqual({ sequence: 6, state: 'six', parked: null });
    expect(await store.parkedCount()).toBe(0);
  });

  it('given more parked than it remembers, then it takes off the list whom it must, and writes nothing there of others', async () => {
    const group = new Group();
    const epoch = await group.take(0);
    const { port } = cassandra;
    const store = await CqlConsumerStore.open<string>({ port, group: group.group, version: 1, parkedKnownMax: 1 });
    await store.commit([step(a, epoch, { parked: parking(2) }), step(b, epoch, { parked: parking(2) })], []);
    const write = jest.spyOn(port, 'write');
    await store.commit([step(a, epoch, { sequence: 2 }), step(c, epoch, {})], []);
    await store.commit([step(b, epoch, { sequence: 2 })], []);
    const unlisted = write.mock.calls.filter(([{ name }]) => name === 'consumer.unlist-parked');
    write.mockRestore();
    expect(unlisted.map(([, values]) => values.at(-1)).sort()).toEqual([a, b]);
    expect(await store.parkedCount()).toBe(0);
  });

  it('given a crash after an aggregate went on and before it left the list, then listing takes it off', async () => {
    const group = new Group();
    const [store, epoch] = [await group.open(), await group.take(0)];
    await store.commit([step(a, epoch, { sequence: 4, parked: parking(5) })], []);
    const { group: name } = group;
    const gone = statement(
      'test.unpark',
      `UPDATE projection_state USING TIMESTAMP ? SET sequence = 5, parked = null
      WHERE consumer_group = ? AND projection_version = 1 AND aggregate_id = ?`,
    );
    await cassandra.port.write(gone, [ownerStamp(epoch, 100), name, a]);
    expect(await store.parkedCount()).toBe(1);
    expect(await store.parked()).toEqual([]);
    expect(await store.parkedCount()).toBe(0);
  });

  it('given a crash between effects and positions, then the repeat writes the rest', async () => {
    const group = new Group();
    const [store, epoch] = [await group.open(), await group.take(0)];
    const commit = () =>
      store.commit([step(a, epoch, {}, 'x'), step(b, epoch, {})], [{ bucket: 0, epoch, checkpoint: '1' }]);
    armFailpoints('projection-after-write:1:throw');
    await expect(commit()).rejects.toMatchObject({ code: 'failpoint' });
    expect(group.effects.lines).toEqual([`${a} x`]);
    expect(await store.checkpoints()).toEqual(new Map());
    await commit();
    expect((await store.positions([a, b])).size).toBe(2);
    expect(await store.checkpoints()).toEqual(new Map([[0, '1']]));
    expect(group.effects.lines).toEqual([`${a} x`]);
  });

  it('given a crash before the checkpoint, then positions are there and the checkpoint is not', async () => {
    const group = new Group();
    const [store, epoch] = [await group.open(), await group.take(0)];
    armFailpoints('before-checkpoint:1:throw');
    const commit = store.commit([step(a, epoch, {})], [{ bucket: 0, epoch, checkpoint: '1' }]);
    await expect(commit).rejects.toMatchObject({ code: 'failpoint' });
    expect((await store.positions([a])).size).toBe(1);
    expect(await store.checkpoints()).toEqual(new Map());
  });

  it('given another projection version, then it shares nothing', async () => {
    const group = new Group();
    const [store, epoch] = [await group.open(), await group.take(0)];
    await store.commit([step(a, epoch, { parked: parking(2) })], [{ bucket: 0, epoch, checkpoint: '1' }]);
    const other = await group.open(group.effects, 2);
    expect((await other.positions([a])).size).toBe(0);
    expect((await other.checkpoints()).size).toBe(0);
    expect(await other.parkedCount()).toBe(0);
    const otherEpoch = await group.take(0, 2);
    expect(otherEpoch).toBe(1);
    await other.commit([step(a, otherEpoch, {})], []);
    expect((await other.positions([a])).get(a)).toEqual({ sequence: 1, state: null, parked: null });
  });

  it('given a table that was healed in place, then positions of before lose', async () => {
    const group = new Group();
    const [before, epoch] = [await group.open(), await group.take(0)];
    const { group: name } = group;
    const heal = statement(
      'test.heal',
      `INSERT INTO projection_versions (consumer_group, projection_version, revision)
      VALUES (?, 1, 1)`,
    );
    await cassandra.port.write(heal, [name]);
    const healed = await group.open();
    await healed.commit([step(a, epoch, { sequence: 2, state: 'healed' })], []);
    await before.commit([step(a, epoch, { sequence: 3, state: 'of before' })], []);
    expect((await healed.positions([a])).get(a)).toEqual({ sequence: 2, state: 'healed', parked: null });
  });
});
