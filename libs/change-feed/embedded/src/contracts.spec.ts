import { changeFeedContract, consumerStoreContract, groupCoordinationContract } from '@chronicle/change-feed-testing';
import { systemClock as clock } from '@chronicle/seams';
import { EmbeddedChangeFeed } from './embedded-change-feed.js';
import { EmbeddedConsumerStore } from './embedded-consumer-store.js';
import { EmbeddedGroupCoordination } from './embedded-group-coordination.js';
import { Folder } from './folder.fixture.js';

const group = 'things';

changeFeedContract('SQLite', async () => {
  const folder = await Folder.make();
  const feed = folder.keep(await EmbeddedChangeFeed.open({ dataDir: folder.dataDir, clock }));
  return { feed, append: (id, count) => folder.append(id, count), close: () => folder.remove() };
});

consumerStoreContract('SQLite', async () => {
  const folder = await Folder.make();
  const { dataDir } = folder;
  const open = async () => {
    const store = await EmbeddedConsumerStore.open<string>({
      dataDir,
      group,
      createTables: (db) => db.statement('CREATE TABLE IF NOT EXISTS applied (line TEXT)').run(),
      applyEffects: (db, aggregateId, effects) => {
        for (const effect of effects) db.statement('INSERT INTO applied VALUES (?)').run(`${aggregateId} ${effect}`);
      },
    });
    return folder.keep(store);
  };
  const coordination = folder.keep(await EmbeddedGroupCoordination.open({ dataDir, group, bucketCount: 32, clock }));
  const store = await open();
  return {
    store,
    async take(bucket) {
      const claim = await coordination.take((await coordination.buckets())[bucket]!, 'owner');
      if (claim.outcome !== 'claimed') throw new Error(`expected a claim, found ${claim.outcome}`);
      return claim.epoch;
    },
    applied: () => appliedIn(dataDir),
    again: open,
    close: () => folder.remove(),
  };
});

groupCoordinationContract('SQLite', async () => {
  const folder = await Folder.make();
  const { dataDir } = folder;
  const bucketCount = 32;
  const open = async () => folder.keep(await EmbeddedGroupCoordination.open({ dataDir, group, bucketCount, clock }));
  return { bucketCount, open, close: () => folder.remove() };
});

async function appliedIn(dataDir: string): Promise<readonly string[]> {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(`${dataDir}/${group}.db`, { readOnly: true });
  const lines = db.prepare('SELECT line FROM applied ORDER BY rowid').all();
  db.close();
  return lines.map(({ line }) => line as string);
}
