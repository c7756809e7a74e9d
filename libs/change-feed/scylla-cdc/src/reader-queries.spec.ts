import { START_MS } from './fake-scylla.fixture.js';
import { Harness } from './reader-harness.fixture.js';

describe('queries of an idle reader that holds all buckets', () => {
  it.each([
    { streams: 32, ranges: 32, shards: 1, perSecondMax: 20 },
    { streams: 6_144, ranges: 768, shards: 8, perSecondMax: 250 },
  ])('of $streams streams are at most $perSecondMax a second', async ({ ranges, shards, perSecondMax }) => {
    const harness = new Harness();
    harness.scylla.addGeneration(START_MS - 3_600_000, ranges, shards);
    harness.open({ bucketCount: 32 }).assignAll('now').consume();
    await harness.clock.advance(700_000); // so that looking back is under way
    const fromMs = harness.clock.monotonic();
    const before = harness.scylla.asked.length;
    const seconds = 180;
    await harness.clock.advance(seconds * 1_000);
    const asked = harness.scylla.asked.slice(before);
    const perSecond = asked.length / seconds;
    expect(perSecond).toBeLessThanOrEqual(perSecondMax);
    expect(asked.some(({ statement }) => statement.name === 'cdc.read-log-keys')).toBe(true);
    const bySecond = Array<number>(seconds + 1).fill(0);
    for (const { atMs } of asked) bySecond[Math.floor((atMs - fromMs) / 1_000)]! += 1;
    expect(Math.max(...bySecond)).toBeLessThanOrEqual(perSecondMax);
    await harness.close();
  });
});
