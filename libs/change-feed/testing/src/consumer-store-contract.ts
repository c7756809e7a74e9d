import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BucketLostError } from '@chronicle/change-feed-core';
import type { Advance, ConsumerStore, ParkedAggregate, Parking, Position } from '@chronicle/change-feed-core';

/** The empty memory of one consumer group, and what it takes to try it. */
export interface ConsumerStoreHarness {
  readonly store: ConsumerStore<string>;
  /** Takes a bucket and returns its new epoch. */
  take(bucket: number): Promise<number>;
  /** The effects that were written and not taken back, in order, as `aggregateId effect`. */
  applied(): Promise<readonly string[]>;
  /** The store as another process sees it. */
  again(): Promise<ConsumerStore<string>>;
  close(): Promise<void>;
}

const BUCKET = 3;
const OTHER_BUCKET = 4;

const [a, b, c] = [aggregate(1), aggregate(2), aggregate(3)] as const;

/** What the memory of a consumer group promises, wherever it is kept. */
export function consumerStoreContract(name: string, open: () => Promise<ConsumerStoreHarness>): void {
  describe(`a consumer store on ${name}`, () => {
    let harness: ConsumerStoreHarness;
    let store: ConsumerStore<string>;
    let epoch: number;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
      epoch = await harness.take(BUCKET);
    });
    afterEach(() => harness.close());

    function step(aggregateId: string, position: Partial<Position>, ...effects: readonly string[]): Advance<string> {
      return {
        aggregateId,
        bucket: BUCKET,
        epoch,
        position: { sequence: 1, state: null, parked: null, ...position },
        effects,
      };
    }
    async function positionOf(aggregateId: string): Promise<Position | undefined> {
      return (await store.positions([aggregateId])).get(aggregateId);
    }

    it('given nothing, then there are no positions, no checkpoints and nothing parked', async () => {
      expect(await store.positions([a, b])).toEqual(new Map());
      expect(await store.positions([])).toEqual(new Map());
      expect(await store.checkpoints()).toEqual(new Map());
      expect(await store.parked()).toEqual([]);
      expect(await store.parkedCount()).toBe(0);
    });

    it('gives back positions, states, checkpoints and effects as they were committed, in another process too', async () => {
      await store.commit(
        [step(a, { sequence: 7, state: '{"ä":"📚"}' }, 'x', 'y')],
        [{ bucket: BUCKET, epoch, checkpoint: '42' }],
      );
      for (const seen of [store, await harness.again()]) {
        expect(await seen.positions([a, b])).toEqual(
          new Map([[a, { sequence: 7, state: '{"ä":"📚"}', parked: null }]]),
        );
        expect(await seen.checkpoints()).toEqual(new Map([[BUCKET, '42']]));
      }
      expect(await harness.applied()).toEqual([`${a} x`, `${a} y`]);
    });

    it('given a commit that is repeated, then nothing changes and no effect is written twice', async () => {
      const commit = () => store.commit([step(a, { sequence: 1 }, 'x')], [{ bucket: BUCKET, epoch, checkpoint: '1' }]);
      await commit();
      await commit();
      expect(await harness.applied()).toEqual([`${a} x`]);
    });

    it('never takes a position back', async () => {
      await store.commit([step(a, { sequence: 5, state: 'five' }, 'x')], []);
      await store.commit([step(a, { sequence: 4, state: 'four' }, 'y'), step(b, { sequence: 1 }, 'z')], []);
      expect(await positionOf(a)).toEqual({ sequence: 5, state: 'five', parked: null });
      expect(await harness.applied()).toEqual([`${a} x`, `${b} z`]);
    });

    it('parks and unparks at the same sequence', async () => {
      await store.commit([step(a, { sequence: 2 })], []);
      await store.commit([step(a, { sequence: 2, parked: parking(3) })], []);
      expect((await positionOf(a))!.parked).toEqual(parking(3));
      await store.commit([step(a, { sequence: 2, parked: { ...parking(3), reason: 'another' } })], []);
      expect((await positionOf(a))!.parked!.reason).toBe('another');
      await store.commit([step(a, { sequence: 2 })], []);
      expect((await positionOf(a))!.parked).toBeNull();
      expect(await store.parkedCount()).toBe(0);
    });

    it('parks an aggregate of which nothing took effect yet', async () => {
      await store.commit([step(a, { sequence: 0, parked: parking(1) })], []);
      expect(await positionOf(a)).toEqual({ sequence: 0, state: null, parked: parking(1) });
    });

    it('lists what is parked, longest first', async () => {
      const since = (minute: number) => ({ ...parking(1), since: `2026-01-01T00:0${minute}:00.000Z` });
      for (const [id, minute] of [
        [a, 2],
        [b, 1],
        [c, 3],
      ] as const) {
        await store.commit([step(id, { sequence: 0, parked: since(minute) })], []);
      }
      expect(await store.parked()).toEqual([
        { aggregateId: b, ...since(1) },
        { aggregateId: a, ...since(2) },
        { aggregateId: c, ...since(3) },
      ]);
      expect(await store.parkedCount()).toBe(3);
      const isWanted = ({ aggregateId }: ParkedAggregate) => aggregateId !== a;
      expect(await store.parked(isWanted)).toEqual([
        { aggregateId: b, ...since(1) },
        { aggregateId: c, ...since(3) },
      ]);
    });

    it('given an epoch that is over, then nothing of the commit is written, and the bucket is named', async () => {
      const otherEpoch = await harness.take(OTHER_BUCKET);
      await harness.take(BUCKET);
      const others = { ...step(b, {}, 'y'), bucket: OTHER_BUCKET, epoch: otherEpoch };
      await expect(store.commit([others, step(a, {}, 'x')], [])).rejects.toEqual(new BucketLostError(BUCKET, epoch));
      const checkpoint = { bucket: BUCKET, epoch, checkpoint: '1' };
      await expect(store.commit([others], [checkpoint])).rejects.toMatchObject({ code: 'bucket-lost', bucket: BUCKET });
      expect(await store.positions([a, b])).toEqual(new Map());
      expect(await store.checkpoints()).toEqual(new Map());
      expect(await harness.applied()).toEqual([]);
      await store.commit([others], []);
      expect(await harness.applied()).toEqual([`${b} y`]);
    });

    it('given the new owner of a bucket, then it goes on from what the old one committed', async () => {
      await store.commit([step(a, { sequence: 1 }, 'x')], [{ bucket: BUCKET, epoch, checkpoint: '1' }]);
      epoch = await harness.take(BUCKET);
      await store.commit([step(a, { sequence: 2 }, 'y')], [{ bucket: BUCKET, epoch, checkpoint: '2' }]);
      expect(await harness.applied()).toEqual([`${a} x`, `${a} y`]);
      expect(await store.checkpoints()).toEqual(new Map([[BUCKET, '2']]));
    });

    it('given a large commit, then all of it is written', async () => {
      const state = 'x'.repeat(5000);
      const ids = Array.from({ length: 1000 }, (_, index) => aggregate(index));
      await store.commit(
        ids.map((id) => step(id, { state }, 'e')),
        [{ bucket: BUCKET, epoch, checkpoint: '9' }],
      );
      const positions = await store.positions(ids);
      expect(positions.size).toBe(1000);
      expect(positions.get(aggregate(999))).toEqual({ sequence: 1, state, parked: null });
      expect(await harness.applied()).toHaveLength(1000);
      expect(await store.checkpoints()).toEqual(new Map([[BUCKET, '9']]));
    });
  });
}

function aggregate(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

function parking(sequenceNumber: number): Parking {
  return {
    sequenceNumber,
    eventType: 'ThingDone',
    code: 'poison',
    reason: 'it is “bad”',
    since: '2026-01-01T00:00:00.000Z',
  };
}
