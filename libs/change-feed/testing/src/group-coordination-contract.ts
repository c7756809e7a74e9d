import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdminAction, BucketRow, GroupCoordination } from '@chronicle/change-feed-core';

/** A consumer group without members, and what it takes to try it. */
export interface GroupCoordinationHarness {
  readonly bucketCount: number;
  /** The coordination as one process has it; the same group each time. */
  open(): Promise<GroupCoordination>;
  close(): Promise<void>;
}

/** What the coordination of a consumer group promises, wherever its rows are. */
export function groupCoordinationContract(name: string, create: () => Promise<GroupCoordinationHarness>): void {
  describe(`a group coordination on ${name}`, () => {
    let harness: GroupCoordinationHarness;
    let one: GroupCoordination;
    let two: GroupCoordination;
    beforeEach(async () => {
      harness = await create();
      one = await harness.open();
      two = await harness.open();
    });
    afterEach(() => harness.close());

    async function row(bucket: number): Promise<BucketRow> {
      return (await two.buckets())[bucket]!;
    }

    it('begins with all buckets free, in order', async () => {
      const free = (bucket: number) => ({ bucket, owner: null, epoch: expect.any(Number), handoffTo: null });
      expect(await one.buckets()).toEqual(Array.from({ length: harness.bucketCount }, (_, bucket) => free(bucket)));
    });

    it('gives a free bucket to the one that takes it, in a new epoch', async () => {
      const seen = await row(1);
      const claim = await one.take(seen, id('i1'));
      expect(claim).toEqual({ outcome: 'claimed', epoch: seen.epoch + 1 });
      expect(await row(1)).toEqual({ bucket: 1, owner: id('i1'), epoch: seen.epoch + 1, handoffTo: null });
    });

    it('given a bucket that changed since it was seen, then the taker is told how it is now', async () => {
      const seen = await row(1);
      await one.take(seen, id('i1'));
      expect(await two.take(seen, id('i2'))).toEqual({ outcome: 'held-by-other', row: await row(1) });
      expect((await row(1)).owner).toBe(id('i1'));
    });

    it('given many that take the same bucket at once, then one has it', async () => {
      const seen = await row(2);
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).take(seen, id(`i${index}`))),
      );
      expect(claims.filter((claim) => claim.outcome === 'claimed')).toHaveLength(1);
      expect((await row(2)).epoch).toBe(seen.epoch + 1);
    });

    it('gives the bucket of a dead owner, or one’s own, in a new epoch', async () => {
      await one.take(await row(0), id('dead'));
      const { epoch } = await row(0);
      expect(await one.take(await row(0), id('i1'))).toEqual({ outcome: 'claimed', epoch: epoch + 1 });
      expect(await one.take(await row(0), id('i1'))).toEqual({ outcome: 'claimed', epoch: epoch + 2 });
    });

    it('records who asks for a bucket, if it is still as it was seen', async () => {
      await one.take(await row(0), id('i1'));
      const seen = await row(0);
      expect(await two.askFor(seen, id('i2'))).toBe(true);
      expect(await row(0)).toEqual({ ...seen, handoffTo: id('i2') });
      expect(await one.askFor(seen, id('i3'))).toBe(false);
      expect((await row(0)).handoffTo).toBe(id('i2'));
    });

    it('releases a bucket to its heir or to nobody, and the ask is gone', async () => {
      await one.take(await row(0), id('i1'));
      await two.askFor(await row(0), id('i2'));
      const { epoch } = await row(0);
      await one.release(0, epoch, id('i1'), id('i2'));
      expect(await row(0)).toEqual({ bucket: 0, owner: id('i2'), epoch: epoch + 1, handoffTo: null });
      await two.release(0, epoch + 1, id('i2'), null);
      expect(await row(0)).toEqual({ bucket: 0, owner: null, epoch: epoch + 2, handoffTo: null });
    });

    it('given somebody else’s bucket or an epoch that is over, then a release changes nothing', async () => {
      await one.take(await row(0), id('i1'));
      const before = await row(0);
      await two.release(0, before.epoch, id('i2'), null);
      await one.release(0, before.epoch - 1, id('i1'), null);
      expect(await row(0)).toEqual(before);
    });

    it('shows each instance with its last beat until it is removed', async () => {
      await one.beat({ instanceId: id('i1'), beat: 1, controlRevision: 0 });
      await two.beat({ instanceId: id('i2'), beat: 5, controlRevision: 2 });
      await one.beat({ instanceId: id('i1'), beat: 2, controlRevision: 2 });
      const seen = [...(await two.instances())].sort((left, right) => left.instanceId.localeCompare(right.instanceId));
      expect(seen).toEqual([
        { instanceId: id('i1'), beat: 2, controlRevision: 2, ended: false },
        { instanceId: id('i2'), beat: 5, controlRevision: 2, ended: false },
      ]);
      await two.remove(id('i1'));
      await two.remove(id('nobody'));
      expect((await one.instances()).map((instance) => instance.instanceId)).toEqual([id('i2')]);
    });

    it('turns the switch, with a new revision for each change and none for a repeat', async () => {
      const before = await one.control();
      expect(before.paused).toBe(false);
      const paused = await one.setPaused(true);
      expect(paused.paused).toBe(true);
      expect(paused.revision).toBeGreaterThan(before.revision);
      expect(await two.setPaused(true)).toEqual(paused);
      expect(await two.control()).toEqual(paused);
      expect((await two.setPaused(false)).revision).toBeGreaterThan(paused.revision);
    });

    it('keeps what people ordered, oldest first, until it has a result', async () => {
      await one.request(action('a1'));
      await two.request({ ...action('a2'), kind: 'skip', reason: 'because', userId: 'eve' });
      expect(await one.pendingActions()).toEqual([
        action('a1'),
        { ...action('a2'), kind: 'skip', reason: 'because', userId: 'eve' },
      ]);
      expect(await one.actionResult(id('a1'))).toBeUndefined();
      await one.complete(id('a1'), 'done');
      expect(await two.actionResult(id('a1'))).toBe('done');
      expect((await two.pendingActions()).map(({ actionId }) => actionId)).toEqual([id('a2')]);
    });

    it('keeps the first result of an action, and has none for one that nobody ordered', async () => {
      await one.request(action('a1'));
      await one.complete(id('a1'), 'done');
      await two.complete(id('a1'), 'not-parked');
      await two.complete(id('a9'), 'done');
      expect(await one.actionResult(id('a1'))).toBe('done');
      expect(await one.actionResult(id('a9'))).toBeUndefined();
    });

    it('shows at most a hundred pending actions at once', async () => {
      for (let index = 0; index < 120; index += 1) await one.request(action(`a${1000 + index}`));
      const pending = await two.pendingActions();
      expect(pending).toHaveLength(100);
      expect(pending[0]!.actionId).toBe(id('a1000'));
    });
  });
}

/** A UUID of its own for each name; those of `a1` and `a2` are in that order, like UUIDs v7 of one after the other. */
function id(name: string): string {
  return `00000000-0000-7000-8000-${Buffer.from(name.padStart(6, '-')).toString('hex')}`;
}

function action(name: string): AdminAction {
  return {
    actionId: id(name),
    kind: 'redrive',
    aggregateId: '00000000-0000-7000-8000-000000000001',
    bucket: 7,
    sequenceNumber: 3,
    reason: null,
    userId: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
  };
}
