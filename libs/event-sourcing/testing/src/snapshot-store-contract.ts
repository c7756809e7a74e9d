import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SNAPSHOTS_KEPT, sealSnapshot, type Snapshot, type SnapshotStore } from '@chronicle/event-sourcing-core';
import { ManualClock, timestampText } from '@chronicle/seams';
import { AppendFactory, type CreateFixture, type StoreFixture } from './event-store-fixture.js';

/** The promises of {@link SnapshotStore}, as tests: every adapter runs them. Call it at the top of a spec. */
export function snapshotStoreContract(subject: string, create: CreateFixture<SnapshotStore>): void {
  describe(`${subject}, as a SnapshotStore`, () => {
    const clock = new ManualClock();
    const make = new AppendFactory(clock);
    let fixture: StoreFixture<SnapshotStore>;
    let store: SnapshotStore;
    beforeEach(async () => {
      fixture = await create(clock);
      store = await fixture.open();
    });
    afterEach(async () => {
      await store.close();
      await fixture.remove();
    });

    const snapshot = (aggregateId: string, sequenceNumber: number, snapshotData = '{"ä": "😀"}'): Snapshot =>
      sealSnapshot({
        aggregateId,
        aggregateType: 'Thing',
        sequenceNumber,
        snapshotVersion: 3,
        snapshotData,
        createdAt: timestampText(clock.now()),
      });
    const save = async (aggregateId: string, ...versions: readonly number[]) => {
      for (const version of versions) await store.save(snapshot(aggregateId, version));
    };
    const versions = async (aggregateId: string, maxVersion = 1000) =>
      (await store.newest(aggregateId, maxVersion)).map(({ sequenceNumber }) => sequenceNumber);

    it('gives back what was saved, field by field', async () => {
      const id = make.id();
      await store.save(snapshot(id, 100));
      expect(await store.newest(id, 100)).toEqual([snapshot(id, 100)]);
      expect(await store.newest(make.id(), 100)).toEqual([]);
    });

    it('gives those up to a version, newest first', async () => {
      const id = make.id();
      await save(id, 100, 200, 300);
      expect(await versions(id)).toEqual([300, 200, 100]);
      expect(await versions(id, 299)).toEqual([200, 100]);
      expect(await versions(id, 99)).toEqual([]);
    });

    it(`keeps the newest ${SNAPSHOTS_KEPT}, in whatever order they came`, async () => {
      const [id, other] = [make.id(), make.id()];
      await save(other, 100);
      await save(id, 200, 100, 400, 300, 500);
      expect(await versions(id)).toEqual([500, 400, 300]);
      expect(await versions(other)).toEqual([100]);
    });

    it('saved again at the same version, then keeps the last', async () => {
      const id = make.id();
      await save(id, 100, 200);
      await store.save(snapshot(id, 200, '{"again":true}'));
      expect((await store.newest(id, 200)).map(({ snapshotData }) => snapshotData)).toEqual([
        '{"again":true}',
        '{"ä": "😀"}',
      ]);
    });

    it('pruned, then keeps so many of each aggregate and counts what it deleted', async () => {
      const ids = Array.from({ length: 120 }, () => make.id());
      for (const id of ids) await save(id, 100, 200, 300);
      expect(await store.prune(1)).toBe(240);
      expect(await versions(ids[0]!)).toEqual([300]);
      expect(await store.prune(1)).toBe(0);
      expect(await store.prune(0)).toBe(120);
      expect(await versions(ids[119]!)).toEqual([]);
    });
  });
}
