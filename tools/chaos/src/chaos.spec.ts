import { jest } from '@jest/globals';
import { reportText } from './crash-report.js';
import { CrashRun } from './crash-run.js';
import { failpointsOf } from './failpoint-plan.js';

/** Another one with CHAOS_SEED=n. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20251125);
const KILLS = 12;

/** Two minutes in all where nothing else runs. */
jest.setTimeout(400_000);

describe('the order system, crashed', () => {
  let run: CrashRun;
  let passed = false;
  beforeAll(
    async () => (run = await CrashRun.start({ engine: 'embedded', seed: SEED, commandsPerSecond: 100, clients: 8 })),
  );
  afterAll(async () => {
    if (run && !passed) console.error(run.whatWasDone());
    await run?.stop(!passed);
  });

  it('passes every failpoint of this engine, and goes on', async () => {
    await run.passFailpoints();
    const passes = run.faults.faults.map(({ fault }) => fault).filter((fault) => fault.startsWith('failpoint'));
    const exits = passes.filter((fault) => fault.endsWith(':exit')).map((fault) => /failpoint (.+?):/.exec(fault)![1]);
    expect([...new Set(exits)].sort()).toEqual([...failpointsOf('embedded')].sort());
  });

  it(`outlives ${KILLS} kills at random moments, and stops and ends`, async () => {
    expect(await run.strikeAtRandom({ kills: KILLS, everyMs: 1200 })).toBeGreaterThanOrEqual(KILLS);
  });

  it('has kept every promise', async () => {
    const report = await run.conclude();
    if (!report.passed) throw new Error(reportText(report));
    passed = true;
    expect(report.invariants).toHaveLength(10);
    expect(report.commands.ok).toBeGreaterThan(50);
    expect(report.commands.unknown).toBeGreaterThan(0);
  });
});
