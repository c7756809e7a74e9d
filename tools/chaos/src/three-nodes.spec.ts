import { jest } from '@jest/globals';
import { CrashSuite } from './crash-suite.fixture.js';
import { describeOnCassandra } from './describe-on-cassandra.fixture.js';

/** Another one with CHAOS_SEED=n. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20251128);
const NODES = 3;
const LOST = 1;
const DOWN_MS = 15_000;
/** Of the attempts while a node is lost. Those that it was coordinating end without an answer. */
const ANSWERED_SHARE_MIN = 0.9;

/** A bound for what hangs: three minutes in all where nothing else runs. */
jest.setTimeout(900_000);

await describeOnCassandra('the order system on three nodes of Cassandra', () => {
  const suite = new CrashSuite({ engine: 'cassandra', nodes: NODES, seed: SEED, commandsPerSecond: 30, clients: 6 });

  it('given one of them killed and brought back, goes on answering clients', async () => {
    const { attempts, answered } = await suite.run.loseNode(LOST, DOWN_MS);
    expect(attempts).toBeGreaterThan(50);
    expect(answered / attempts).toBeGreaterThanOrEqual(ANSWERED_SHARE_MIN);
  });

  suite.keepsEveryPromise();
});
