import type { BucketReading } from './bucket-reading.js';
import type { PassKind, PassReport } from './cdc-observer.js';
import type { Micros } from './cdc-time.js';
import { checkpointText } from './checkpoint.js';
import type { ReadableGeneration } from './generation-timeline.js';
import { runPass } from './log-pass.js';
import type { PassPlan } from './pass-plan.js';
import { checkpointUntil, lookBackFrom, type LaneItem, type ReaderTools } from './reader-tools.js';

export interface CompletePass {
  readonly pass: Exclude<PassKind, 'fast' | 'look-back'>;
  /** Each with its line, from which it is read: the previous one, never the one that this pass will set. */
  readonly readings: readonly (readonly [BucketReading, Micros])[];
  readonly to: Micros;
  readonly generations: readonly ReadableGeneration[];
  /** Where the lines will be when the pass is through: fixed before it begins. */
  readonly newLine: Micros;
  /** As the plan of a pass has it. */
  readonly compareBefore?: PassPlan['compareBefore'];
  readonly concurrency: number;
}

/**
 * Reads everything from the lines of some buckets on, hands it out, and only then moves the lines and gives checkpoints. A pass
 * that fails, is closed or loses a bucket moves nothing for it. The lane is asked to go on when the last hand-out was taken.
 */
export async function* completePass(
  tools: ReaderTools,
  { pass, readings, to, generations, newLine, compareBefore, concurrency }: CompletePass,
): AsyncGenerator<LaneItem, PassReport> {
  const time = checkpointUntil(newLine, tools);
  const generation = tools.timeline.at(time);
  const began = tools.databaseClock.earliest();
  const rewinds = new Map(readings.map(([reading]) => [reading, reading.rewinds]));
  for (const [reading] of readings) reading.busy = true;
  try {
    const from = new Map(readings);
    const spread = pass === 'catch-up';
    const plan = { pass, from, to, began, generations, settledBefore: newLine, compareBefore, concurrency, spread };
    const report = yield* runPass(tools, plan);
    if (tools.signal.aborted) return report;
    const through = readings.filter(
      ([reading, line]) => !reading.revoked && reading.rewinds === rewinds.get(reading) && newLine > line,
    );
    const due = through.filter(([reading]) => checkpointDue(reading, time, tools));
    const handOuts = due.map(([reading]) => {
      const lookBackFrom = earlier(reading.readForGood ?? time, time);
      const checkpoint = checkpointText({ generation, time, lookBackFrom });
      return { reading, slice: { bucket: reading.bucket, pass, groups: [], checkpoint } };
    });
    for (const [reading] of due) reading.checkpoint = { time, atMs: tools.options.clock.monotonic() };
    if (handOuts.length > 0) yield { handOuts };
    const youngest = lookBackFrom(tools);
    for (const [reading] of through) {
      if (reading.rewinds === rewinds.get(reading)) reading.moveLine(newLine, youngest);
    }
    return report;
  } finally {
    for (const [reading] of readings) reading.busy = false;
  }
}

/** After changes with each pass, until a checkpoint is past the newest of them; else now and then. */
function checkpointDue({ checkpoint, newest }: BucketReading, time: Micros, { options }: ReaderTools): boolean {
  if (!checkpoint) return true;
  if (time <= checkpoint.time) return false;
  if (newest !== undefined && newest >= checkpoint.time) return true;
  return options.clock.monotonic() - checkpoint.atMs >= options.idleCheckpointIntervalMs;
}

function earlier(a: Micros, b: Micros): Micros {
  return a < b ? a : b;
}
