import { timestampText, type Clock } from '@chronicle/seams';
import { CHANGE_LOG, checkChangeLog } from './change-log-check.js';
import type { CheckedSystem } from './checked-system.js';
import type { Difference, Findings } from './difference.js';
import type { CheckProgress } from './progress.js';
import { checkReadModel } from './read-model-check.js';
import { EVENT_STORE, Survey } from './survey.js';
import { checkTopic } from './topic-check.js';

/** How long a part that is behind is given before what it lacks counts as a difference. */
export const GRACE_MS = 30_000;

export interface VerifyOptions {
  readonly clock: Clock;
  /** Default {@link GRACE_MS}; 0 on a system that is known to be at rest. For each part anew. */
  readonly graceMs?: number;
  readonly onProgress?: CheckProgress;
}

/** What was found about one part of the system. */
export interface PartResult {
  /** `event store`, `change log`, the table of a read model, or the topic. */
  readonly part: string;
  readonly agrees: boolean;
  /** At most `DIFFERENCES_LISTED_MAX`. */
  readonly differences: readonly Difference[];
  /** There are more differences than are listed. */
  readonly more: boolean;
}

export interface VerifyResult {
  readonly agrees: boolean;
  /** Every event that was committed before this time was checked. */
  readonly asOf: string;
  /** Time from `asOf` to the end of the check: events younger than this were left out. */
  readonly lagMs: number;
  readonly aggregates: number;
  readonly events: number;
  readonly parts: readonly PartResult[];
}

/**
 * Compares everything that is made from the event store with it: the change log, each read model and the topic. Right on a
 * running system, under load too: it asks for the events committed before it began and for nothing younger, and gives a group
 * that is behind `graceMs` to come that far. Memory grows by some 80 bytes an aggregate and 8 an event. Changes nothing.
 * Throws `StoreUnavailableError` when a part cannot be read.
 */
export async function verifySystem(system: CheckedSystem, options: VerifyOptions): Promise<VerifyResult> {
  const { clock, graceMs = GRACE_MS, onProgress = () => undefined } = options;
  const began = clock.monotonic();
  const asOf = timestampText(clock.now());
  const step = (name: string) => (done: number, total: number) => onProgress(name, done, total);
  const survey = await Survey.take(system, { asOf, progress: step(EVENT_STORE) });
  const parts = [partResult(EVENT_STORE, survey.findings)];
  const check = (name: string) => {
    return { system, survey, clock, deadline: clock.monotonic() + graceMs, progress: step(name) };
  };
  parts.push(partResult(CHANGE_LOG, await checkChangeLog(check(CHANGE_LOG))));
  for (const [index, { projection }] of system.readModels.entries()) {
    const { name } = projection.table;
    parts.push(partResult(name, await checkReadModel({ ...check(name), index })));
  }
  const { name } = system.topic;
  parts.push(partResult(name, await checkTopic(check(name))));
  return {
    agrees: parts.every(({ agrees }) => agrees),
    asOf,
    lagMs: Math.ceil(clock.monotonic() - began),
    aggregates: survey.aggregates.size,
    events: survey.events.length,
    parts,
  };
}

function partResult(part: string, findings: Findings): PartResult {
  const { differences, full } = findings;
  return { part, agrees: differences.length === 0, differences, more: full };
}
