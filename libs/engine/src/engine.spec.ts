import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createEventCodec, type EventContract, type StoredEvent } from '@chronicle/event-sourcing-core';
import type { Projection, ProjectionDefinition } from '@chronicle/projection-core';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { SqliteDatabase } from '@chronicle/sqlite';
import type { EngineConfig } from './engine-config.js';
import type { Engine } from './engine.js';
import { openEngine, withEngine } from './open-engine.js';
import { openBroker, openTopicReader } from './open-topic.js';
import { openProjectionWorker, openRelayWorker } from './open-worker.js';
import { openWriter } from './open-writer.js';

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
const surroundings = { clock, entropy };

/** Every port of an engine. */
const ports: [name: string, open: (engine: Engine) => Promise<unknown>][] = [
  ['event store', (engine) => engine.eventStore('read')],
  ['snapshot store', (engine) => engine.snapshotStore()],
  ['change feed', (engine) => engine.changeFeed()],
  ['group coordination', (engine) => engine.groupCoordination(books)],
  ['consumer store', (engine) => engine.consumerStore({ group: 'relay' })],
  ['projection store', (engine) => engine.projectionStore(books)],
  ['read model', (engine) => engine.readModel(books)],
];

describe('the embedded engine', () => {
  let dataDir: string;
  let config: EngineConfig;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'engine-'));
    config = { engine: 'embedded', dataDir };
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(dataDir, { recursive: true });
  });

  it('opens every port, in any order, in one folder, and closes them all', async () => {
    const close = jest.spyOn(SqliteDatabase.prototype, 'close');
    const open = jest.spyOn(SqliteDatabase, 'open');
    const engine = await openEngine(config, surroundings);
    for (const [, port] of [...ports].reverse()) await port(engine);
    const broker = await openBroker(config, 'books.events');
    const files = readdirSync(dataDir).filter((name) => name.endsWith('.db'));
    await broker.close();
    await engine.close();
    expect(files.sort()).toEqual(['books.db', 'events.db', 'instances.db', 'relay.db', 'topic.db']);
    expect(close).toHaveBeenCalledTimes(open.mock.calls.length);
  });

  it('keeps the topic of a keyspace apart from that of the files in the same folder', async () => {
    await (await openBroker(config, 'books.events')).close();
    await (await openBroker({ engine: 'cassandra', dataDir, keyspace: 'shop' }, 'books.events')).close();
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.db'))).toEqual(['topic-shop.db', 'topic.db']);
  });

  it('tells which groups have run, without making anything', async () => {
    await withEngine(config, surroundings, async (engine) => {
      expect(await engine.hasRun(books)).toBe(false);
      expect(readdirSync(dataDir)).toEqual([]);
      await engine.projectionStore(books);
      expect(await engine.hasRun(books)).toBe(true);
    });
  });

  it('lets a projection be read once its worker has made it', async () => {
    await withEngine(config, surroundings, async (engine) => {
      const reader = await engine.readModel(books);
      await expect(reader.find({ book_id: 'b1' })).rejects.toMatchObject({ code: 'store-unavailable' });
      await engine.projectionStore(books);
      expect(await reader.find({ book_id: 'b1' })).toBeUndefined();
    });
  });

  it('finishes with an append what it acknowledges, so there is nothing to tell of the writing', async () => {
    const { writing, close } = await openWriter(config, surroundings);
    expect(writing()).toBeUndefined();
    await close();
  });

  it('makes workers that turn an event into rows and into a message', async () => {
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
    const worker = await openProjectionWorker(config, projection, codec, surroundings);
    expect(await worker.handler.handle([run])).toEqual([
      { handled: 1, state: `"${bookId}"`, effects: [{ kind: 'write', row: { book_id: bookId } }] },
    ]);
    const publisher = await openRelayWorker(config, relay, surroundings);
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
    await withEngine(config, surroundings, (engine) => engine.projectionStore(books));
    const close = jest.spyOn(SqliteDatabase.prototype, 'close');
    const changed = { ...projection, table: { ...books.table, columns: { book_id: 'text' } as const } };
    await expect(openProjectionWorker(config, changed, codec, surroundings)).rejects.toMatchObject({
      code: 'definition-changed',
    });
    expect(close.mock.calls.length).toBeGreaterThanOrEqual(4); // feed, history, and both files of the coordination
  });

  it('given a port that cannot be closed, then closes the others and tells', async () => {
    const engine = await openEngine(config, surroundings);
    const feed = await engine.changeFeed();
    const snapshots = await engine.snapshotStore();
    jest.spyOn(snapshots, 'close').mockRejectedValue(new Error('stuck'));
    const closeFeed = jest.spyOn(feed, 'close');
    await expect(engine.close()).rejects.toThrow('stuck');
    expect(closeFeed).toHaveBeenCalledTimes(1);
  });
});
