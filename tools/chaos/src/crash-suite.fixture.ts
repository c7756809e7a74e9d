import { reportText } from './crash-report.js';
import type { CrashReport } from './crash-report.js';
import { CrashRun } from './crash-run.js';
import type { CrashRunOptions } from './crash-run.js';

/**
 * One crash run for the tests of a `describe`, begun before the first. Unless it was seen to keep every promise, what was done is
 * printed at the end, and the data kept.
 */
export class CrashSuite {
  private started: CrashRun | undefined;
  private passed = false;

  constructor(options: CrashRunOptions) {
    beforeAll(async () => void (this.started = await CrashRun.start(options)));
    afterAll(async () => {
      if (this.started && !this.passed) console.error(this.started.whatWasDone());
      await this.started?.stop(!this.passed);
    });
  }

  /** Inside a test. */
  get run(): CrashRun {
    return this.started!;
  }

  /** Passes every failpoint of the engine; resolves with those at which a process ended, in order of their names. */
  async exitsPassed(): Promise<readonly string[]> {
    await this.run.passFailpoints();
    const exits = this.run.faults.faults.map(({ fault }) => /^failpoint (.+?):.*:exit$/.exec(fault)?.[1]);
    return [...new Set(exits.filter((name) => name !== undefined))].sort();
  }

  /** The last test, which ends the run. `met` asks of the report what the run must have met to prove anything. */
  keepsEveryPromise(met: (report: CrashReport) => void = () => undefined): void {
    it('has kept every promise', async () => {
      const report = await this.run.conclude();
      if (!report.passed) throw new Error(reportText(report));
      this.passed = true;
      expect(report.invariants).toHaveLength(10);
      met(report);
    });
  }
}

/** What passing every failpoint, and many random kills, must have met. */
export function metTrouble({ commands }: CrashReport): void {
  expect(commands.ok).toBeGreaterThan(50);
  expect(commands.unknown).toBeGreaterThan(0);
}
