import type { ChaosEngine } from './chaos-system.js';
import type { ClientJournal, ServiceLevel } from './client-journal.js';
import type { InvariantResult } from './invariants.js';

/** How clients were served while a node of the database was lost. */
export interface NodeLoss extends ServiceLevel {
  readonly node: string;
  /** Until it served again. */
  readonly downMs: number;
}

/** What a crash run did and found; plain data, so that it can be kept as JSON. */
export interface CrashReport {
  readonly engine: ChaosEngine;
  readonly seed: number;
  readonly passed: boolean;
  readonly dataDir: string;
  readonly durationMs: number;
  readonly commands: ReturnType<ClientJournal['counts']>;
  /** By kind: SIGKILL, SIGSTOP, failpoint ... */
  readonly faults: Readonly<Record<string, number>>;
  readonly losses: readonly NodeLoss[];
  readonly invariants: readonly InvariantResult[];
  readonly whatZeroMeans: string;
}

/** With no failure among `faults`, their rate is at most 3/N with 95 % confidence (the rule of three). */
export function whatZeroMeans(faults: number): string {
  if (faults === 0) return 'no fault was injected: nothing was shown';
  if (faults < 3) return `no invariant broken in ${faults} crashes: too few to say anything of their rate`;
  const bound = ((3 / faults) * 100).toFixed(1);
  return `no invariant broken in ${faults} crashes means: with 95 % confidence at most ${bound} % of such crashes break one (3/${faults})`;
}

const VIOLATIONS_SHOWN = 10;

/** The report for people. */
export function reportText({ engine, seed, passed, durationMs, ...report }: CrashReport): string {
  const { ok, refused, unknown, attempts } = report.commands;
  const faults = Object.entries(report.faults).map(([kind, count]) => `${count} ${kind}`);
  return [
    `crash run on ${engine}, seed ${seed}: ${passed ? 'all invariants held' : 'INVARIANTS BROKEN'} after ${Math.round(durationMs / 1000)} s`,
    `commands: ${ok} ok, ${refused} refused, ${unknown} unknown (${attempts} attempts)`,
    `faults: ${faults.join(', ')}`,
    ...report.losses.map(lossLine),
    ...report.invariants.flatMap(invariantLines),
    ...(passed ? [report.whatZeroMeans] : []),
  ].join('\n');
}

function lossLine({ node, downMs, attempts, answered, slowestMs }: NodeLoss): string {
  const share = ((100 * answered) / Math.max(1, attempts)).toFixed(1);
  const seconds = (downMs / 1000).toFixed(1);
  return `${node} lost for ${seconds} s: ${answered} of ${attempts} attempts answered (${share} %), the slowest after ${slowestMs} ms`;
}

function invariantLines({ number, promise, checked, violations }: InvariantResult): readonly string[] {
  const verdict = violations.length === 0 ? 'held  ' : 'BROKEN';
  const more = violations.length - VIOLATIONS_SHOWN;
  return [
    `${String(number).padStart(2)} ${verdict} ${promise} (${checked})`,
    ...violations.slice(0, VIOLATIONS_SHOWN).map((violation) => `     ${violation}`),
    ...(more > 0 ? [`     and ${more} more`] : []),
  ];
}
