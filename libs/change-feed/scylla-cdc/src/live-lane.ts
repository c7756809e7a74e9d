import type { BucketReading } from './bucket-reading.js';
import type { PassReport } from './cdc-observer.js';
import { microsFromMillis, type Micros } from './cdc-time.js';
import { completePass } from './complete-pass.js';
import { runPass } from './log-pass.js';
import { settledUntil, freeBuckets, isNear, type LaneItem, type ReaderTools } from './reader-tools.js';

/** Servers refuse timestamps more than 5 s ahead of their clock; what is stamped further ahead is read when its time comes. */
const AHEAD_MAX: Micros = 10_000_000n;

/** After a change the next ones are expected for this long before polling slows down. */
const BUSY_MS = 1_000;

/**
 * Reads the buckets that are near the end of the log. A safe pass reads from the safe lines to now and then moves them: of what
 * fast passes have most likely handed out, the keys. Fast passes in between read from the newest change on, so that most changes
 * are handed out within a poll interval.
 */
export class LiveLane {
  #safeDueMs = Number.NEGATIVE_INFINITY;
  /** Buckets of the last pass: one that has joined since needs a safe pass, for its line may be further back. */
  #joined: ReadonlySet<BucketReading> = new Set();
  /** The newest change that a pass has found, and the time of the nodes when the last pass began. */
  #newest: Micros = 0n;
  #lastPass: Micros = 0n;

  constructor(
    private readonly tools: ReaderTools,
    private readonly concurrency: number,
  ) {}

  async *run(): AsyncGenerator<LaneItem, void> {
    const { signal, changed, options } = this.tools;
    const { clock, pollIntervalMs, pollIntervalIdleMs } = options;
    let intervalMs = pollIntervalMs;
    let changedMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const near = freeBuckets(this.tools).filter(([, line]) => isNear(line, this.tools));
      if (near.length === 0) {
        await changed.wait(options.safeIntervalMs);
        continue;
      }
      const startedMs = clock.monotonic();
      const { groups, readingMs } = yield* this.#pass(near, startedMs);
      if (groups > 0) changedMs = startedMs;
      const busy = startedMs - changedMs < BUSY_MS;
      intervalMs = busy ? pollIntervalMs : Math.min(intervalMs * 2, pollIntervalIdleMs);
      await changed.wait(this.#restMs(startedMs, readingMs, intervalMs));
    }
  }

  async *#pass(
    near: readonly (readonly [BucketReading, Micros])[],
    nowMs: number,
  ): AsyncGenerator<LaneItem, PassReport> {
    const { databaseClock, options } = this.tools;
    const began = databaseClock.earliest();
    const safe = nowMs >= this.#safeDueMs || near.some(([reading]) => !this.#joined.has(reading));
    const report = safe ? yield* this.#safePass(near) : yield* this.#fastPass(near);
    if (safe) this.#safeDueMs = nowMs + options.safeIntervalMs;
    this.#joined = new Set(near.map(([reading]) => reading));
    this.#lastPass = began;
    for (const [{ newest }] of near) if (newest !== undefined && newest > this.#newest) this.#newest = newest;
    return report;
  }

  async *#safePass(readings: readonly (readonly [BucketReading, Micros])[]): AsyncGenerator<LaneItem, PassReport> {
    const to = this.#to();
    const { generations, completeTo } = this.tools.timeline.cover(earliestLine(readings), to);
    const settled = settledUntil(this.tools);
    const newLine = completeTo < settled ? completeTo : settled;
    return yield* completePass(this.tools, {
      pass: 'safe',
      readings,
      to,
      generations,
      newLine,
      compareBefore: this.#newFrom(),
      concurrency: this.concurrency,
    });
  }

  async *#fastPass(readings: readonly (readonly [BucketReading, Micros])[]): AsyncGenerator<LaneItem, PassReport> {
    const { databaseClock, timeline } = this.tools;
    const newFrom = this.#newFrom();
    const from = new Map(readings.map(([reading, line]) => [reading, line > newFrom ? line : newFrom]));
    const to = this.#to();
    const { generations } = timeline.cover(earliestLine([...from]), to);
    for (const [reading] of readings) reading.busy = true;
    try {
      const began = databaseClock.earliest();
      const plan = { pass: 'fast', from, to, began, generations, settledBefore: 0n, spread: false } as const;
      return yield* runPass(this.tools, { ...plan, concurrency: this.concurrency });
    } finally {
      for (const [reading] of readings) reading.busy = false;
    }
  }

  /** From the newest change on, but never from a time that the nodes had not reached at the last pass: one clock may be ahead. */
  #newFrom(): Micros {
    const { options, databaseClock } = this.tools;
    const overlap = microsFromMillis(Math.max(options.fastOverlapMs, databaseClock.skewMs));
    return (this.#newest < this.#lastPass ? this.#newest : this.#lastPass) - overlap;
  }

  /** By the start of the pass, not its end; at least as long as its queries took, so that a slow database is not made slower. */
  #restMs(startedMs: number, readingMs: number, intervalMs: number): number {
    const nowMs = this.tools.options.clock.monotonic();
    return Math.max(readingMs, Math.min(startedMs + intervalMs, this.#safeDueMs) - nowMs);
  }

  #to(): Micros {
    return this.tools.databaseClock.latest() + AHEAD_MAX;
  }
}

function earliestLine(readings: readonly (readonly [BucketReading, Micros])[]): Micros {
  return readings.map(([, line]) => line).reduce((least, line) => (line < least ? line : least));
}
