import { changeFeedContract } from '@chronicle/change-feed-testing';
import { CassandraFeed } from './cassandra-feed.fixture.js';

const cassandra = new CassandraFeed(process.env);

cassandra.describe('CqlChangeFeed', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  changeFeedContract('Cassandra', async () => {
    await cassandra.empty();
    const feed = await cassandra.feed();
    return { feed, append: (id, count) => cassandra.append(id, count), close: () => feed.close() };
  });
});
