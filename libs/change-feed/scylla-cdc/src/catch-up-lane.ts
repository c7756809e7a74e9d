import type { BucketReading } from './bucket-reading.js';
import { microsFromMillis, millisFromMicros, type Micros } from './cdc-time.js';
import { completePass } from './complete-pass.js';
import { LogExpiredError } from './errors.js';
import type { ReadableGeneration } from './generation-timeline.js';
import { settledUntil, freeBuckets, isNear, type LaneItem, type ReaderTools } from './reader-tools.js';

interface Window {
  readonly readings: readonly (readonly [BucketReading, Micros])[];
  readonly to: Micros;
  readonly generations: readonly ReadableGeneration[];
}

const WINDOW_MIN: Micros = 1_000_000n;

/**
 * Reads the buckets that are far behind, window after window without a pause, beginning with the furthest; those whose lines
 * lie in the window come along. Windows grow while they hold little, so that an empty day is a few queries.
 */
export class CatchUpLane {
  #window: Micros;

  constructor(
    private readonly tools: ReaderTools,
    private readonly concurrency: number,
  ) {
    this.#window = microsFromMillis(tools.options.catchUpWindowMs);
  }

  async *run(): AsyncGenerator<LaneItem, void> {
    const { signal, changed, options } = this.tools;
    while (!signal.aborted) {
      const behind = freeBuckets(this.tools).filter(([, line]) => !isNear(line, this.tools));
      yield* this.#refuseExpired(behind);
      const window = this.#next(behind.filter(([reading]) => !reading.revoked));
      if (!window) {
        await changed.wait(options.safeIntervalMs);
        continue;
      }
      const { groups } = yield* completePass(this.tools, {
        pass: 'catch-up',
        newLine: window.to,
        concurrency: this.concurrency,
        ...window,
      });
      this.#adapt(groups);
      if (behind.some(([{ line }]) => line !== undefined && isNear(line, this.tools))) changed.call();
    }
  }

  /** The first window that some bucket can read; none when all wait for a generation. */
  #next(behind: readonly (readonly [BucketReading, Micros])[]): Window | undefined {
    const sorted = behind.toSorted(([, a], [, b]) => (a < b ? -1 : 1));
    for (const [, from] of sorted) {
      const until = settledUntil(this.tools);
      const to = from + this.#window < until ? from + this.#window : until;
      const { generations, completeTo } = this.tools.timeline.cover(from, to);
      const end = completeTo < to ? completeTo : to;
      if (end > from) {
        return { readings: sorted.filter(([, line]) => line >= from && line < end), to: end, generations };
      }
    }
    return undefined;
  }

  #adapt(groups: number): void {
    const { catchUpRows, retentionMs } = this.tools.options;
    const longest = Number.isFinite(retentionMs) ? microsFromMillis(retentionMs) : 30n * 86_400_000_000n;
    if (groups < catchUpRows / 2 && this.#window < longest) this.#window *= 2n;
    else if (groups > catchUpRows && this.#window > WINDOW_MIN) this.#window /= 2n;
  }

  *#refuseExpired(behind: readonly (readonly [BucketReading, Micros])[]): Generator<LaneItem, void> {
    for (const [reading, line] of behind) {
      const error = expiredError(this.tools, reading.bucket, line);
      if (!error) continue;
      reading.revoked = true;
      yield { error };
    }
  }
}

/** What refuses to read a bucket from a time whose rows may have expired by now, or before they are read. */
export function expiredError(
  { options, databaseClock }: ReaderTools,
  bucket: number,
  from: Micros,
): LogExpiredError | undefined {
  if (!Number.isFinite(options.retentionMs)) return undefined;
  const oldest = databaseClock.earliest() - microsFromMillis(options.retentionMs * options.retentionShareMax);
  return from < oldest ? new LogExpiredError(bucket, isoText(from), isoText(oldest)) : undefined;
}

function isoText(micros: Micros): string {
  return new Date(millisFromMicros(micros)).toISOString();
}
