import { eventStoreContract, snapshotStoreContract } from '@chronicle/event-sourcing-testing';
import { CassandraStores, timeOf } from './cassandra-store.fixture.js';
import { CqlSnapshotStore } from './cql-snapshot-store.js';

const cassandra = new CassandraStores(process.env);

cassandra.describe(`on ${cassandra.dialect}`, () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  eventStoreContract('CqlEventStore', async (clock) => ({
    open: () => cassandra.open({ clock: timeOf(clock) }),
    remove: () => cassandra.empty(),
  }));

  snapshotStoreContract('CqlSnapshotStore', async () => ({
    open: async () => new CqlSnapshotStore(cassandra.port),
    remove: () => cassandra.empty(),
  }));
});
