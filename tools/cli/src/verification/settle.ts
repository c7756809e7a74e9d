import type { Position } from '@chronicle/change-feed-core';
import type { Clock } from '@chronicle/seams';
import type { GroupProgress } from './checked-system.js';
import type { Difference, Findings } from './difference.js';

/** How many aggregates are examined together: one look at their positions. */
export const SUSPECTS_TOGETHER = 500;
/** How long to leave a group that is behind alone before looking again. */
const LOOK_AGAIN_MS = 200;

/** The position of an aggregate that its group has not handled yet. */
const AT_NOTHING: Position = { sequence: 0, state: null, parked: null };

/** An aggregate for which a scan found something that needs an exact look. */
export interface Suspects {
  readonly progress: GroupProgress;
  /** The version that the group must have reached: the one it had when the check began. */
  readonly requiredVersion: (aggregateId: string) => number;
  /** Looks at one aggregate; `position` was read before, so what is there shows at least that version. */
  readonly examine: (aggregateId: string, position: Position) => Promise<readonly Difference[]>;
  readonly findings: Findings;
  readonly clock: Clock;
  /** On the monotonic clock: who is behind until then, is reported. */
  readonly deadline: number;
}

/**
 * Decides about suspects: a difference counts once the aggregate's group says that it has handled (or parked) every event that
 * the check asks for. While it has not, and until the deadline, it is only late: it is given time. Ends early when the
 * findings are full.
 */
export async function settle(aggregateIds: Iterable<string>, suspects: Suspects): Promise<void> {
  for (const batch of batches(aggregateIds)) {
    let late = batch;
    while (late.length > 0 && !suspects.findings.full) {
      const isLast = suspects.clock.monotonic() >= suspects.deadline;
      late = await look(late, suspects, isLast);
      if (late.length > 0) await suspects.clock.sleep(LOOK_AGAIN_MS);
    }
    if (suspects.findings.full) return;
  }
}

/** Returns the aggregates to look at again; none when it `isLast`. */
async function look(aggregateIds: readonly string[], suspects: Suspects, isLast: boolean): Promise<string[]> {
  const positions = await suspects.progress.positions(aggregateIds);
  const late: string[] = [];
  for (const aggregateId of aggregateIds) {
    const position = positions.get(aggregateId) ?? AT_NOTHING;
    const isLate = position.sequence < suspects.requiredVersion(aggregateId) && position.parked === null;
    if (isLate && !isLast) late.push(aggregateId);
    else for (const difference of await suspects.examine(aggregateId, position)) suspects.findings.add(difference);
  }
  return late;
}

function* batches(aggregateIds: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  for (const aggregateId of aggregateIds) {
    if (batch.push(aggregateId) < SUSPECTS_TOGETHER) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Why an aggregate has not come further, for people. */
export function standing(group: string, { sequence, parked }: Position): string {
  const parking = parked ? `, parked at event ${parked.sequenceNumber} since ${parked.since}: ${parked.reason}` : '';
  return `consumer group ${group} has handled its events up to ${sequence}${parking}`;
}
