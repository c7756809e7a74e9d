import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealSnapshot } from '@chronicle/event-sourcing-core';
import { armFailpoints } from '@chronicle/seams';
import { EmbeddedSnapshotStore } from './embedded-snapshot-store.js';

describe('a snapshot whose save fails in the middle', () => {
  it('is not there, nor has it pushed out an older one', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'snapshots-'));
    const store = await EmbeddedSnapshotStore.open({ dataDir });
    const save = (sequenceNumber: number) =>
      store.save(
        sealSnapshot({
          aggregateId: 'a',
          aggregateType: 'Thing',
          sequenceNumber,
          snapshotVersion: 1,
          snapshotData: '{}',
          createdAt: '2026-11-25T19:03:21.123Z',
        }),
      );
    for (const version of [1, 2, 3]) await save(version);
    armFailpoints('snapshot-mid-write:1:throw');
    await expect(save(4)).rejects.toMatchObject({ code: 'failpoint' });
    armFailpoints('');
    expect((await store.newest('a', 9)).map(({ sequenceNumber }) => sequenceNumber)).toEqual([3, 2, 1]);
    await save(4);
    expect((await store.newest('a', 9)).map(({ sequenceNumber }) => sequenceNumber)).toEqual([4, 3, 2]);
    await store.close();
    await rm(dataDir, { recursive: true });
  });
});
