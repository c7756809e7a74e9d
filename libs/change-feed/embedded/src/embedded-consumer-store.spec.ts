import { systemClock as clock, armFailpoints } from '@chronicle/seams';
import { EmbeddedConsumerStore } from './embedded-consumer-store.js';
import { EmbeddedGroupCoordination } from './embedded-group-coordination.js';
import { Folder } from './folder.fixture.js';

const group = 'things';

describe('EmbeddedConsumerStore', () => {
  let folder: Folder;
  let store: EmbeddedConsumerStore<string>;
  let epoch: number;
  beforeEach(async () => {
    folder = await Folder.make();
    store = await open();
    epoch = await take();
  });
  afterEach(async () => {
    armFailpoints('');
    await folder.remove();
  });

  async function open(version?: number): Promise<EmbeddedConsumerStore<string>> {
    const { dataDir } = folder;
    return folder.keep(await EmbeddedConsumerStore.open<string>({ dataDir, group, ...(version && { version }) }));
  }
  async function take(version?: number): Promise<number> {
    const { dataDir } = folder;
    const options = { dataDir, group, bucketCount: 32, clock, ...(version && { version }) };
    const coordination = folder.keep(await EmbeddedGroupCoordination.open(options));
    const claim = await coordination.take((await coordination.buckets())[0]!, 'owner');
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
    return claim.epoch;
  }
  function steps(count: number, state: string | null = null) {
    return Array.from({ length: count }, (_, index) => ({
      ...{ aggregateId: `id ${index}`, bucket: 0, epoch, effects: [] },
      position: { sequence: 1, state, parked: null },
    }));
  }

  it.each(['projection-after-write:2:throw', 'before-checkpoint:1:throw'])(
    'given a crash at %s, then nothing of the commit is there, and the repeat writes all of it',
    async (failpoint) => {
      const commit = () => store.commit(steps(3), [{ bucket: 0, epoch, checkpoint: '3' }]);
      armFailpoints(failpoint);
      await expect(commit()).rejects.toMatchObject({ code: 'failpoint' });
      expect((await store.positions(['id 0', 'id 1', 'id 2'])).size).toBe(0);
      expect((await store.checkpoints()).size).toBe(0);
      await commit();
      expect((await store.positions(['id 0', 'id 1', 'id 2'])).size).toBe(3);
      expect(await store.checkpoints()).toEqual(new Map([[0, '3']]));
    },
  );

  it('given a commit of many megabytes, then the event loop turns during it', async () => {
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    await store.commit(steps(1000, 'x'.repeat(20_000)), []);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(1);
  });

  it('given another projection version, then it shares the file and nothing else', async () => {
    await store.commit(steps(1), [{ bucket: 0, epoch, checkpoint: '1' }]);
    const other = await open(2);
    expect((await other.positions(['id 0'])).size).toBe(0);
    expect((await other.checkpoints()).size).toBe(0);
    const otherEpoch = await take(2);
    await other.commit(
      steps(1).map((step) => ({ ...step, epoch: otherEpoch })),
      [],
    );
    expect((await other.positions(['id 0'])).size).toBe(1);
  });
});
