import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { jest } from '@jest/globals';
import { createEventCodec, type EventContract, type StoredEvent } from '@chronicle/event-sourcing-core';
import type { Projection, ProjectionDefinition } from '@chronicle/projection-core';
import { systemClock } from '@chronicle/seams';
import { SqliteDatabase } from '@chronicle/sqlite';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';
import { openChangeFeed, openConsumerStore, openGroupCoordination } from './open-consumer-group.js';
import { openEventStore, openSnapshotStore } from './open-event-store.js';
import { openProjectionStore, openReadModel } from './open-projection.js';
import { openBroker, openTopicReader } from './open-topic.js';
import { openProjectionWorker, openRelayWorker } from './open-worker.js';

const books: ProjectionDefinition = {
  group: 'books',
  version: 1,
  table: { name: 'books', columns: { book_id: 'uuid' }, partitionKey: ['book_id'], clusteringKey: [] },
};

type Shelved = { readonly type: 'Shelved'; readonly data: object };
const shelved: EventContract = {
  currentVersion: 1,
  versions: { 1: { schema: {}, violations: () => [] } },
  upcasters: {},
};
const codec = createEventCodec<Shelved>({ Shelved: shelved });
const projection: Projection<string, Shelved> = {
  ...books,
  evolve: (_state, event) => event.aggregateId,
  rows: (state) => [{ book_id: state }],
};
const relay = {
  group: 'relay',
  topic: 'books.events',
  source: '/books',
  dataSchema: ({ eventType }: StoredEvent) => `/schemas/${eventType}`,
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
  ['projection worker', (config) => openProjectionWorker(config, projection, codec, systemClock)],
  ['relay worker', (config) => openRelayWorker(config, relay, systemClock)],
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

  it('makes workers that turn an event into rows and into a message', async () => {
    const config: EngineConfig = { engine: 'embedded', dataDir };
    const bookId = '019ac0de-0000-7000-8000-00000000000a';
    const event = {
      aggregateId: bookId,
      eventType: 'Shelved',
      eventVersion: 1,
      eventData: '{}',
      sequenceNumber: 1,
      metadata: {},
    };
    const run = {
      aggregateId: bookId,
      position: { sequence: 0, state: null, parked: null },
      events: [event as unknown as StoredEvent],
    };
    const worker = await openProjectionWorker(config, projection, codec, systemClock);
    expect(await worker.handler.handle([run])).toEqual([
      { handled: 1, state: `"${bookId}"`, effects: [{ kind: 'write', row: { book_id: bookId } }] },
    ]);
    const publisher = await openRelayWorker(config, relay, systemClock);
    expect(await publisher.handler.handle([run])).toEqual([{ handled: 1, state: null, effects: [] }]);
    const topic = await openTopicReader(config, relay.topic);
    const messages = (await Promise.all([0, 1, 2, 3].map((partition) => topic.read(partition, 0)))).flat();
    expect(messages).toMatchObject([
      {
        key: bookId,
        value: '{}',
        headers: { ce_source: `/books/${bookId}`, ce_dataschema: '/schemas/Shelved', ce_storeepoch: '1' },
      },
    ]);
    for (const opened of [worker, publisher, topic]) await opened.close();
  });

  it('given a part of a worker cannot be opened, then closes those before it', async () => {
    const config: EngineConfig = { engine: 'embedded', dataDir };
    await (await openProjectionStore(config, books)).close();
    const close = jest.spyOn(SqliteDatabase.prototype, 'close');
    const changed = { ...projection, table: { ...books.table, columns: { book_id: 'text' } as const } };
    await expect(openProjectionWorker(config, changed, codec, systemClock)).rejects.toMatchObject({
      code: 'definition-changed',
    });
    expect(close.mock.calls.length).toBeGreaterThanOrEqual(4); // feed, history, and both files of the coordination
    close.mockRestore();
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
