import { writeFileSync } from 'node:fs';
import type { ChaosOptions } from './chaos-options.js';
import { reportText } from './crash-report.js';
import type { CrashReport } from './crash-report.js';
import { CrashRun } from './crash-run.js';

const CLIENTS = 8;
/** How long a node is lost that others stand in for. */
const LOST_MS = 20_000;
const SAY_EVERY_MS = 10_000;

/** Runs a soak: the failpoints, random faults for as long as was asked for, and the verdict. Resolves with whether all held. */
export async function soak(options: ChaosOptions, say: (text: string) => void, signal: AbortSignal): Promise<boolean> {
  const { engine, nodes, seed, kills, minutes, commandsPerSecond, failpointRounds } = options;
  say(
    `${engine}, seed ${seed}: ${failpointRounds} rounds of failpoints, ${kills} kills in about ${minutes} min, ${commandsPerSecond} commands/s`,
  );
  const run = await CrashRun.start({ engine, nodes, seed, commandsPerSecond, clients: CLIENTS });
  say(`running in ${run.system.dataDir}, on loopback from port ${run.system.basePort} on`);
  let passed = false;
  try {
    for (let round = 1; round <= failpointRounds && !signal.aborted; round += 1) {
      await run.passFailpoints(round);
      say(`failpoints passed, round ${round} of ${failpointRounds}; ${elapsed(run)}`);
    }
    await run.letDeposedGoOn();
    if (run.nodes.nodes.length > 1) await run.loseNode(1, LOST_MS);
    const progress = new Progress(run, kills, say);
    const everyMs = (minutes * 60_000) / Math.max(1, kills);
    await run.strikeAtRandom({ kills, everyMs, signal, onKill: (done) => progress.killed(done) });
    say('leaving it alone, to see it come to rest');
    const report = await run.conclude();
    passed = report.passed;
    say(reportText(report));
    if (options.report !== null) writeReport(options.report, report, run);
  } finally {
    if (!passed) say(run.whatWasDone());
    await run.stop(!passed);
  }
  return passed;
}

/** Says now and then how far the kills have come, and when they will end. */
class Progress {
  private readonly beganMs: number;
  private saidMs = -Infinity;

  constructor(
    private readonly run: CrashRun,
    private readonly kills: number,
    private readonly say: (text: string) => void,
  ) {
    this.beganMs = run.faults.elapsedMs;
  }

  killed(done: number): void {
    const nowMs = this.run.faults.elapsedMs;
    if (nowMs - this.saidMs < SAY_EVERY_MS) return;
    this.saidMs = nowMs;
    const { ok, refused, unknown } = this.run.load.journal.counts();
    const leftS =
      done === 0 ? '?' : Math.ceil(((nowMs - this.beganMs) * (this.kills - done)) / Math.max(1, done) / 1000);
    this.say(
      `${done} of ${this.kills} kills, ${elapsed(this.run)}, about ${leftS} s left; commands: ${ok} ok, ${refused} refused, ${unknown} unknown`,
    );
  }
}

function elapsed({ faults }: CrashRun): string {
  return `${Math.round(faults.elapsedMs / 1000)} s`;
}

function writeReport(file: string, report: CrashReport, { faults }: CrashRun): void {
  writeFileSync(file, `${JSON.stringify({ ...report, schedule: faults.faults }, null, 2)}\n`);
}
