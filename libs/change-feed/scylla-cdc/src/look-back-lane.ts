import type { BucketReading } from './bucket-reading.js';
import { microsFromMillis, millisFromMicros, type Micros } from './cdc-time.js';
import type { Coverage } from './generation-timeline.js';
import { readKeys } from './log-keys.js';
import { runPass } from './log-pass.js';
import type { PassPlan } from './pass-plan.js';
import { isNear, lookBackFrom, type LaneItem, type ReaderTools } from './reader-tools.js';
import { SliceDigest } from './slice-digest.js';

/** A slice of the log that is due, and the buckets that have not looked back at it yet. */
interface DueSlice {
  readonly slice: number;
  readonly from: Micros;
  readonly to: Micros;
  readonly readings: readonly BucketReading[];
  readonly coverage: Coverage;
}

/**
 * Reads each slice of the log once more when it is `lookBackMs` old, closed streams included, for rows that came later than
 * any confidence window. Keys are compared with a digest of what was handed out; only where they differ, or where another
 * reader was at work before, are the rows themselves read and handed out.
 */
export class LookBackLane {
  readonly #sliceMicros: Micros;

  constructor(private readonly tools: ReaderTools) {
    this.#sliceMicros = microsFromMillis(tools.options.lookBackSliceMs);
  }

  async *run(): AsyncGenerator<LaneItem, void> {
    const { signal, changed, options } = this.tools;
    while (!signal.aborted && options.lookBackMs > 0) {
      const due = this.#due();
      if (due) yield* this.#lookBack(due);
      else await changed.wait(options.safeIntervalMs);
    }
  }

  /** The oldest slice that is due and readable. Delivery comes first: buckets that catch up look back afterwards. */
  #due(): DueSlice | undefined {
    const readings = [...this.tools.buckets.values()].filter(
      ({ line, revoked }) => !revoked && line !== undefined && isNear(line, this.tools),
    );
    if (readings.length === 0) return undefined;
    const oldEnough = readings[0]?.sliceOf(lookBackFrom(this.tools)) ?? 0;
    const slices = new Set(readings.flatMap((reading) => [...reading.slices.keys()]));
    for (const slice of [...slices].toSorted((a, b) => a - b)) {
      if (slice >= oldEnough) return undefined;
      const from = BigInt(slice) * this.#sliceMicros;
      const to = from + this.#sliceMicros;
      const coverage = this.tools.timeline.cover(from, to, microsFromMillis(this.tools.options.lookBackMs));
      if (coverage.completeTo < to) continue;
      return { slice, from, to, coverage, readings: readings.filter((reading) => reading.slices.has(slice)) };
    }
    return undefined;
  }

  async *#lookBack(due: DueSlice): AsyncGenerator<LaneItem, void> {
    const { slice, readings, from, to, coverage } = due;
    const unread = readings.filter((reading) => reading.slices.get(slice) === null);
    const different = await this.#differing(
      due,
      readings.filter((reading) => reading.slices.get(slice)),
    );
    if (this.tools.signal.aborted) return;
    const again = [...unread, ...different];
    if (again.length > 0) yield* runPass(this.tools, this.#plan(again, from, to, coverage));
    if (this.tools.signal.aborted) return;
    for (const reading of readings) reading.slices.delete(slice);
  }

  /** The buckets whose keys in the log are not those that were handed out. */
  async #differing(due: DueSlice, readings: readonly BucketReading[]): Promise<readonly BucketReading[]> {
    if (readings.length === 0) return [];
    const found = await this.#digests(due, readings);
    return readings.filter((reading) => {
      const handedOut = reading.slices.get(due.slice);
      const inLog = found.get(reading)!;
      if (!handedOut || handedOut.equals(inLog)) return false;
      this.tools.options.observer.lateGroupsFound?.({
        bucket: reading.bucket,
        from: new Date(millisFromMicros(due.from)).toISOString(),
        groups: Math.max(0, inLog.groups - handedOut.groups),
      });
      return true;
    });
  }

  async #digests(
    { from, to, coverage }: DueSlice,
    readings: readonly BucketReading[],
  ): Promise<ReadonlyMap<BucketReading, SliceDigest>> {
    const plan = this.#plan(readings, from, to, coverage);
    const digests = new Map(readings.map((reading) => [reading, new SliceDigest()]));
    const seen = plan.generations.length > 1 ? new Set<string>() : undefined; // a stream may be in two generations
    for await (const { found } of readKeys(this.tools, plan)) {
      for (const { reading, key } of found) {
        if (!seen?.has(key)) digests.get(reading)!.add(key);
        seen?.add(key);
      }
    }
    return digests;
  }

  #plan(readings: readonly BucketReading[], from: Micros, to: Micros, { generations }: Coverage): PassPlan {
    return {
      pass: 'look-back',
      from: new Map(readings.map((reading) => [reading, reading.wantedFrom > from ? reading.wantedFrom : from])),
      to,
      began: to,
      generations,
      settledBefore: to,
      concurrency: 1,
      spread: false,
    };
  }
}
