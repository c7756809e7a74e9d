import { groupCoordinationContract } from '@chronicle/change-feed-testing';
import { CassandraFeed } from './cassandra-feed.fixture.js';
import { CqlGroupCoordination } from './cql-group-coordination.js';

const cassandra = new CassandraFeed(process.env);
const bucketCount = 32;
let groups = 0;

cassandra.describe('CqlGroupCoordination', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  groupCoordinationContract('Cassandra', async () => {
    const group = `things-${(groups += 1)}`;
    const open = () => CqlGroupCoordination.open({ port: cassandra.port, group, version: 1, bucketCount });
    return { bucketCount, open, close: async () => undefined };
  });
});
