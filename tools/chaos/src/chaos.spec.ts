import { jest } from '@jest/globals';
import { CrashSuite, metTrouble } from './crash-suite.fixture.js';
import { failpointsOf } from './failpoint-plan.js';

/** Another one with CHAOS_SEED=n. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20251125);
const KILLS = 12;

/** Two minutes in all where nothing else runs. */
jest.setTimeout(400_000);

describe('the order system, crashed', () => {
  const suite = new CrashSuite({ engine: 'embedded', seed: SEED, commandsPerSecond: 100, clients: 8 });

  it('passes every failpoint of this engine, and goes on', async () => {
    expect(await suite.exitsPassed()).toEqual([...failpointsOf('embedded')].sort());
  });

  it(`outlives ${KILLS} kills at random moments, and stops and ends`, async () => {
    expect(await suite.run.strikeAtRandom({ kills: KILLS, everyMs: 1200 })).toBeGreaterThanOrEqual(KILLS);
  });

  suite.keepsEveryPromise(metTrouble);
});
