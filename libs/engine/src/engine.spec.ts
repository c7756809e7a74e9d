import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ProjectionDefinition } from '@chronicle/projection-core';
import { systemClock } from '@chronicle/seams';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';
import { openChangeFeed, openConsumerStore, openGroupCoordination } from './open-consumer-group.js';
import { openEventStore, openSnapshotStore } from './open-event-store.js';
import { openProjectionStore, openReadModel } from './open-projection.js';
import { openBroker, openTopicReader } from './open-topic.js';

const books: ProjectionDefinition = {
  group: 'books',
  version: 1,
  table: { name: 'books', columns: { book_id: 'uuid' }, partitionKey: ['book_id'], clusteringKey: [] },
};

const openers: [name: string, open: (config: EngineConfig) => Promise<{ close(): Promise<void> }>][] = [
  ['event store', async (config) => openEventStore(config, 'read', systemClock)],
  ['snapshot store', async (config) => openSnapshotStore(config)],
  ['change feed', (config) => openChangeFeed(config, systemClock)],
  ['group coordination', (config) => openGroupCoordination(config, books, systemClock)],
  ['consumer store', (config) => openConsumerStore(config, { group: 'relay' })],
  ['projection store', (config) => openProjectionStore(config, books)],
  ['read model', (config) => openReadModel(config, books)],
  ['broker', (config) => openBroker(config, 'books.events')],
  ['topic reader', (config) => openTopicReader(config, 'books.events')],
];

describe('the embedded engine', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('opens every port, in any order, in one folder', async () => {
    const opened = [];
    for (const [, open] of [...openers].reverse()) opened.push(await open({ engine: 'embedded', dataDir }));
    const files = readdirSync(dataDir).filter((name) => name.endsWith('.db'));
    for (const port of opened) await port.close();
    expect(files.sort()).toEqual(['books.db', 'events.db', 'instances.db', 'relay.db', 'topic.db']);
  });

  it('lets a projection be read once its worker has made it', async () => {
    const config: EngineConfig = { engine: 'embedded', dataDir };
    const reader = await openReadModel(config, books);
    await expect(reader.find({ book_id: 'b1' })).rejects.toMatchObject({ code: 'store-unavailable' });
    const store = await openProjectionStore(config, books);
    expect(await reader.find({ book_id: 'b1' })).toBeUndefined();
    await reader.close();
    await store.close();
  });

  it('takes a relative folder as one of the working directory', () => {
    expect(isAbsolute(embeddedDataDir({ engine: 'embedded', dataDir: 'data' }))).toBe(true);
  });
});

describe.each(openers)('another engine (%s)', (_name, open) => {
  it('is refused with the one that there is', async () => {
    await expect(open({ engine: 'scylla', dataDir: '/nowhere' })).rejects.toMatchObject({
      code: 'engine-unavailable',
      engine: 'scylla',
      message: 'engine "scylla" is not in this version: expected "embedded"; set ENGINE=embedded',
    });
  });
});
