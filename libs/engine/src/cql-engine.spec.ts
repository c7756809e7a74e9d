import { DriverCqlPort, statement } from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import { createEventCodec } from '@chronicle/event-sourcing-core';
import type { Append, StoredEvent } from '@chronicle/event-sourcing-core';
import type { Projection } from '@chronicle/projection-core';
import { systemClock as clock, systemEntropy as entropy, timestampText, uuidV7 } from '@chronicle/seams';
import { NotMigratedError } from './cql-engine.js';
import type { EngineConfig } from './engine-config.js';
import { migrateCluster, ReplicationMissingError, type ClusterMigration } from './migrate-cluster.js';
import { openEngine, withEngine } from './open-engine.js';
import { openProjectionWorker } from './open-worker.js';
import { openWriter } from './open-writer.js';

const cluster = new TestCluster(process.env, ['cassandra']);
const { contactPoints, localDataCenter: writeDatacenter } = cluster;
const describeOnCassandra = cluster.isThere ? describe : describe.skip;
const surroundings = { clock, entropy };

type Shelved = { readonly type: 'Shelved'; readonly data: object };
const codec = createEventCodec<Shelved>({
  Shelved: { currentVersion: 1, versions: { 1: { schema: {}, violations: () => [] } }, upcasters: {} },
});
const books: Projection<string, Shelved> = {
  group: 'books',
  version: 1,
  table: { name: 'books', columns: { book_id: 'uuid' }, partitionKey: ['book_id'], clusteringKey: [] },
  evolve: (_state, event) => event.aggregateId,
  rows: (state) => [{ book_id: state }],
};
const migration: ClusterMigration = { projections: [books], replication: { [writeDatacenter]: 1 } };

function engineOn({ name }: TestKeyspace): EngineConfig {
  return { engine: 'cassandra', dataDir: '/nowhere', contactPoints, writeDatacenter, keyspace: name };
}

function appendOf(aggregateId: string): Append {
  const id = () => uuidV7(clock, entropy);
  const ids = { eventId: id(), causationId: id(), correlationId: id(), userId: null, metadata: {} };
  return {
    ...{ aggregateId, aggregateType: 'Book', expected: 'none', now: timestampText(clock.now()) },
    events: [{ eventType: 'Shelved', eventVersion: 1, eventData: '{}', ...ids }],
    command: { key: id(), bodyHash: '' },
  };
}

describe('a cluster that does not answer', () => {
  it('is told with its addresses, as what may pass', async () => {
    const away: EngineConfig = { ...engineOn(new TestKeyspace(cluster)), contactPoints: ['127.0.0.1:1'] };
    await expect(openEngine(away, surroundings)).rejects.toMatchObject({
      code: 'store-unavailable',
      retryable: true,
      message: 'cassandra does not answer at 127.0.0.1:1',
    });
  });

  it('is refused when it is not named', async () => {
    await expect(openEngine({ engine: 'scylla', dataDir: '/nowhere' }, surroundings)).rejects.toThrow(
      new TypeError('engine scylla: expected a cluster with contactPoints and writeDatacenter'),
    );
  });
});

describeOnCassandra('a keyspace that is not migrated', () => {
  const keyspace = new TestKeyspace(cluster);
  const config = engineOn(keyspace);
  afterAll(() => keyspace.remove());

  it('does not exist, then is told as what may pass, and how to help', async () => {
    const opening = openEngine(config, surroundings);
    await expect(opening).rejects.toThrow(NotMigratedError);
    await expect(opening).rejects.toMatchObject({
      retryable: true,
      message: `keyspace ${config.keyspace} cannot be used: run \`npm run --silent cli -- migrate\` with the same settings`,
    });
  });

  it('is made only by those who know how it is replicated', async () => {
    const unknown = { ...migration, replication: null };
    await expect(migrateCluster(config, unknown, surroundings)).rejects.toThrow(ReplicationMissingError);
  });

  it('is told what would be done, then nothing is', async () => {
    const steps = await migrateCluster(config, { ...migration, dryRun: true }, surroundings);
    expect(steps.map(({ id, outcome }) => [id, outcome])).toEqual([
      [`keyspace ${config.keyspace}`, 'would be applied'],
      ['001-event-store', 'would be applied'],
      ['002-consumers', 'would be applied'],
      ['101-change-log', 'would be applied'],
      ['read-model-books_v1', 'would be applied'],
    ]);
    await expect(openEngine(config, surroundings)).rejects.toThrow(NotMigratedError);
  });

  it('lacks tables, then is told which', async () => {
    const port = await DriverCqlPort.open({ contactPoints, localDataCenter: writeDatacenter });
    const replication = `{'class': 'NetworkTopologyStrategy', '${writeDatacenter}': 1}`;
    await port.write(
      statement('test.create', `CREATE KEYSPACE ${config.keyspace} WITH replication = ${replication}`),
      [],
    );
    await port.close();
    await expect(openEngine(config, surroundings)).rejects.toThrow(
      `keyspace ${config.keyspace} lacks 001-event-store, 002-consumers, 101-change-log: run`,
    );
  });

  it('is migrated by two at once, then once', async () => {
    const both = await Promise.all([1, 2].map(() => migrateCluster(config, migration, surroundings)));
    const applied = both.flat().filter(({ outcome }) => outcome === 'applied');
    expect(applied.map(({ id }) => id).sort()).toEqual([
      '001-event-store',
      '002-consumers',
      '101-change-log',
      'read-model-books_v1',
    ]);
    const again = await migrateCluster(config, { ...migration, replication: null }, surroundings);
    expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
  });
});

describeOnCassandra('the engine of a cluster', () => {
  const keyspace = new TestKeyspace(cluster);
  const config = engineOn(keyspace);
  beforeAll(() => migrateCluster(config, migration, surroundings));
  afterAll(() => keyspace.remove());

  it('knows which groups have run', async () => {
    await withEngine(config, surroundings, async (engine) => {
      expect(await engine.hasRun(books)).toBe(false);
      const coordination = await engine.groupCoordination(books);
      await coordination.take((await coordination.buckets())[7]!, uuidV7(clock, entropy));
      expect(await engine.hasRun(books)).toBe(true);
    });
  });

  it('brings an append to the worker of a projection', async () => {
    const bookId = uuidV7(clock, entropy);
    const { store, writing, close } = await openWriter(config, surroundings);
    expect(await store.append(appendOf(bookId))).toMatchObject({ outcome: 'appended' });
    expect(writing()).toMatchObject({ pendingAppendsMax: 1000, repairs: { failures: 0 } });
    await close(); // after which it is in the change log
    const skewsMs: number[] = [];
    const feedObserver = { clocksMeasured: ({ skewMs }: { skewMs: number }) => void skewsMs.push(skewMs) };
    const worker = await openProjectionWorker(config, books, codec, { ...surroundings, feedObserver });
    const reader = worker.feed.reader();
    reader.assign(worker.feed.bucketOf(bookId), null);
    const logged: StoredEvent[] = [];
    while (logged.length === 0) {
      for (const slice of await reader.next(new AbortController().signal)) logged.push(...slice.events);
    }
    await reader.close();
    expect(skewsMs[0]).toBeGreaterThanOrEqual(0);
    const position = { sequence: 0, state: null, parked: null };
    const [run] = await worker.handler.handle([{ aggregateId: bookId, position, events: logged }]);
    expect(run).toMatchObject({ handled: 1, effects: [{ kind: 'write', row: { book_id: bookId } }] });
    await worker.close();
  });

  it('closes its stores before the connection on which they rest', async () => {
    const engine = await openEngine(config, surroundings);
    const store = await engine.eventStore('write');
    const appends = Array.from({ length: 50 }, () => store.append(appendOf(uuidV7(clock, entropy))));
    await engine.close();
    expect(new Set((await Promise.all(appends)).map(({ outcome }) => outcome))).toEqual(new Set(['appended']));
    await withEngine(config, surroundings, async (other) => {
      const port = await other.snapshotStore();
      expect(await port.newest(uuidV7(clock, entropy), 1)).toEqual([]);
    });
  });
});
