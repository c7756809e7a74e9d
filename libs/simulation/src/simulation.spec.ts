import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PROFILES, runSchedule, type Profile } from './run-schedules.js';
import { SourceTree } from './source-tree.js';

/** All in all; in CI, where nobody waits for it, and elsewhere. */
const SCHEDULES_IN_CI = 100_000;
const SCHEDULES_ELSEWHERE = 3_000;
const schedules = Number(process.env.SCHEDULES ?? (process.env.CI ? SCHEDULES_IN_CI : SCHEDULES_ELSEWHERE));
/** One of a consumer group takes about six times as long as one of writers. */
const SHARES: Readonly<Record<Profile, number>> = { writers: 0.94, consumers: 0.06 };
const AT_ONCE = 2;
const TIMEOUT_MS = 900_000;
const run = promisify(execFile);

describe('the real adapters in simulated trouble', () => {
  let tree: SourceTree;
  beforeAll(() => {
    tree = SourceTree.create();
  });
  afterAll(() => tree.remove());

  it.each(Object.keys(PROFILES) as Profile[])(
    'keep every promise in every schedule: %s',
    async (profile) => {
      const share = Math.ceil((schedules * SHARES[profile]) / AT_ONCE);
      const shares = Array.from({ length: AT_ONCE }, (_, index) => `${index * share + 1}-${(index + 1) * share}`);
      const ended = await Promise.all(shares.map((seeds) => simulate(profile, seeds)));
      expect(ended).toEqual(
        shares.map(() => expect.stringMatching(/^\w+: \d+ schedules, [\d.]+ ms of CPU time each\n$/)),
      );
    },
    TIMEOUT_MS,
  );

  it.each(Object.keys(PROFILES) as Profile[])('goes the same way again for the same seed: %s', async (profile) => {
    const texts: string[][] = [[], []];
    for (const trace of texts) await runSchedule(profile, 7, (text) => trace.push(text()));
    expect(texts[0]!.length).toBeGreaterThan(50);
    expect(texts[1]).toEqual(texts[0]);
  });

  /** What the program prints, whether it has found something or not. */
  async function simulate(profile: Profile, seeds: string): Promise<string> {
    const { stdout } = await run(process.execPath, [tree.main, profile, '--seeds', seeds]).catch(
      (error: { readonly stdout: string; readonly stderr: string }) => ({ stdout: `${error.stdout}${error.stderr}` }),
    );
    return stdout;
  }
});
