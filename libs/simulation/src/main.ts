import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runSchedule, runSchedules, type FoundViolation } from './run-schedules.js';
import { USAGE, UsageError, parseSimulationOptions, type SimulationOptions } from './simulation-options.js';

/** `npm run simulate -- ...`: exits with 1 when something was found, with 2 when the command line is wrong. */
try {
  const options = parseSimulationOptions(process.argv.slice(2));
  process.exitCode = options.patch === undefined ? await simulate(options) : await simulatePatched(options.patch);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function simulate({ profile, from, to, traced, patched }: SimulationOptions): Promise<number> {
  if (traced) {
    const findings = await runSchedule(profile, from, (text) => console.log(text()));
    console.log(findings.length === 0 ? 'nothing went wrong' : findings.join('\n'));
    return findings.length === 0 ? 0 : 1;
  }
  Error.stackTraceLimit = 0; // most errors here are part of the play
  const began = process.cpuUsage();
  const found = await runSchedules(profile, from, to);
  const used = process.cpuUsage(began);
  const schedules = (found?.seed ?? to) - from + 1;
  const cpuMs = (used.user + used.system) / 1_000 / schedules;
  console.log(`${profile}: ${schedules} schedules, ${cpuMs.toFixed(2)} ms of CPU time each`);
  if (!found) return 0;
  console.log(foundText(found));
  const inPatched = patched === undefined ? '' : ` --patch ${patched}`;
  console.log(`\nreplay it with: npm run simulate -- ${profile} --seed ${found.seed}${inPatched}`);
  return 1;
}

function foundText({ seed, findings }: FoundViolation): string {
  return [`seed ${seed}:`, ...findings.map((finding) => `  ${finding}`)].join('\n');
}

/** The same in a patched copy of the sources, which has a program of its own. */
async function simulatePatched(patch: string): Promise<number> {
  const { SourceTree } = await import('./source-tree.js');
  const tree = SourceTree.create();
  try {
    tree.apply(fileURLToPath(new URL(`../patches/${patch}.patch`, import.meta.url)));
    const given = process.argv.slice(2).map((word) => (word === '--patch' ? '--patched' : word));
    const { status } = spawnSync(process.execPath, [tree.main, ...given], { stdio: 'inherit' });
    return status ?? 1;
  } finally {
    tree.remove();
  }
}
