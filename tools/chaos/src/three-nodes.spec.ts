import { jest } from '@jest/globals';
import { reportText } from './crash-report.js';
import { CrashRun } from './crash-run.js';
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
  let run: CrashRun;
  let passed = false;
  beforeAll(async () => {
    run = await CrashRun.start({ engine: 'cassandra', nodes: NODES, seed: SEED, commandsPerSecond: 30, clients: 6 });
  });
  afterAll(async () => {
    if (run && !passed) console.error(run.whatWasDone());
    await run?.stop(!passed);
  });

  it('given one of them killed and brought back, goes on answering clients', async () => {
    const { attempts, answered } = await run.loseNode(LOST, DOWN_MS);
    expect(attempts).toBeGreaterThan(50);
    expect(answered / attempts).toBeGreaterThanOrEqual(ANSWERED_SHARE_MIN);
  });

  it('has kept every promise', async () => {
    const report = await run.conclude();
    if (!report.passed) throw new Error(reportText(report));
    passed = true;
    expect(report.invariants).toHaveLength(10);
  });
});
