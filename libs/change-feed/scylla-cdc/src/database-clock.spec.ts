import { DatabaseClock } from './database-clock.js';
import { LogUnavailableError } from './errors.js';
import { FakeScylla, START_MS } from './fake-scylla.fixture.js';
import { ManualClock } from './manual-clock.fixture.js';

const statement = { name: 'cdc.node-time', cql: 'SELECT' };

function measured(nodes: Record<string, number>) {
  const clock = new ManualClock();
  const scylla = new FakeScylla(clock);
  scylla.nodes.clear();
  for (const [name, aheadMs] of Object.entries(nodes)) scylla.nodes.set(name, aheadMs);
  return { clock, scylla, databaseClock: new DatabaseClock(scylla, statement, clock) };
}

describe('the clock of the database', () => {
  it('trap 7.14: asks each node, and knows the earliest, the latest and how far they are apart', async () => {
    const { clock, scylla, databaseClock } = measured({ a: 0, b: 700, c: -300 });
    expect(await databaseClock.measure()).toEqual({ nodes: 3, unanswered: 0, skewMs: 1_000, error: undefined });
    expect(scylla.asked.map(({ options }) => options.host)).toEqual(['a', 'b', 'c']);
    await clock.advance(50);
    expect(databaseClock.earliest()).toBe(BigInt(START_MS - 300 + 50) * 1000n);
    expect(databaseClock.latest()).toBe(BigInt(START_MS + 700 + 50 + 1) * 1000n);
  });

  it('trap 7.20: never goes back, whatever the clock of a node does', async () => {
    const { clock, scylla, databaseClock } = measured({ a: 0 });
    await databaseClock.measure();
    await clock.advance(1_000);
    const before = databaseClock.earliest();
    scylla.nodes.set('a', -60_000);
    await databaseClock.measure();
    expect(databaseClock.earliest()).toBe(before);
    await clock.advance(70_000);
    expect(databaseClock.earliest()).toBe(before + 10_000_000n);
  });

  it('reckons with the time that an answer takes: earliest is not too late, latest not too early', async () => {
    const { clock, scylla, databaseClock } = measured({ a: 0 });
    scylla.before = () => clock.sleep(400);
    const measuring = databaseClock.measure();
    await clock.advance(400);
    await measuring;
    expect(databaseClock.earliest()).toBeLessThanOrEqual(scylla.nowMicros);
    expect(databaseClock.latest()).toBeGreaterThan(scylla.nowMicros);
    expect(databaseClock.latest() - databaseClock.earliest()).toBe(401_000n);
  });

  it('keeps the last answer of a node that does not answer, and forgets one that has left', async () => {
    const { scylla, databaseClock } = measured({ a: 0, b: 500 });
    await databaseClock.measure();
    scylla.before = (_, { host }) => {
      if (host === 'b') throw new Error('down');
    };
    const second = await databaseClock.measure();
    expect(second).toMatchObject({ nodes: 1, unanswered: 1, skewMs: 500 });
    expect(second.error).toBeInstanceOf(LogUnavailableError);
    scylla.nodes.delete('b');
    expect(await databaseClock.measure()).toMatchObject({ skewMs: 0 });
  });

  it('takes the answers of whichever nodes when a session cannot tell them apart', async () => {
    const { scylla, databaseClock } = measured({ 'n1:9042': 0 });
    scylla.hosts = undefined as unknown as () => string[];
    await databaseClock.measure();
    scylla.nodes.set('n1:9042', 200);
    expect(await databaseClock.measure()).toMatchObject({ nodes: 1, skewMs: 200 });
  });
});
