import { setMaxListeners } from 'node:events';
import { Arrivals } from './arrivals.js';
import { BucketReading, type LogStart } from './bucket-reading.js';
import { CatchUpLane } from './catch-up-lane.js';
import { microsFromMillis, millisFromMicros } from './cdc-time.js';
import { parseCheckpoint } from './checkpoint.js';
import { DatabaseClock } from './database-clock.js';
import { ReaderOptionsError } from './errors.js';
import { GenerationTimeline } from './generation-timeline.js';
import { LiveLane } from './live-lane.js';
import type { LogSlice } from './log-slice.js';
import { LookBackLane } from './look-back-lane.js';
import { resolveOptions, type CdcReaderOptions, type ResolvedOptions } from './options.js';
import { checkpointUntil, type HandOut, type LaneItem, type ReaderTools } from './reader-tools.js';
import { repeatedly } from './repeated-lane.js';
import { statementsFor } from './statements.js';
import { UpkeepLane } from './upkeep-lane.js';
import { WakeUp } from './wake-up.js';

export interface NextOptions {
  /** Aborted: `next` resolves with [] at once. Nothing is lost by it: what was being read is handed out by a later call. */
  readonly signal?: AbortSignal;
  /** How long to wait when there is nothing to hand out; default 1000. */
  readonly waitMs?: number;
}

export interface BucketStatus {
  readonly bucket: number;
  /** The log is complete up to here, RFC 3339; null while the bucket has not begun. */
  readonly safeUntil: string | null;
  /** How far that is behind the clocks of the nodes; null as above. */
  readonly lagMs: number | null;
  /** Slices of the log that have still to be looked back. */
  readonly slicesToLookBack: number;
}

export interface ReaderStatus {
  readonly buckets: readonly BucketStatus[];
  /** Begins of the known log generations, RFC 3339, ascending. */
  readonly generations: readonly string[];
  readonly clockSkewMs: number;
}

type Lane = AsyncGenerator<LaneItem, void>;

/** What a lane gave when it was asked. */
interface Served {
  readonly lane: Lane;
  readonly result: IteratorResult<LaneItem, void>;
}

/**
 * Reads the CDC log of one table, bucket by bucket, at least once and without gaps. It works when it is asked: `next` drives
 * the passes, and a lane that has something to hand out reads on only when it has been taken. For one caller, one call at a time.
 */
export class CdcReader {
  readonly #options: ResolvedOptions;
  readonly #closing = new AbortController();
  readonly #buckets = new Map<number, BucketReading>();
  readonly #tools: ReaderTools;
  readonly #assigned: WakeUp;
  readonly #lanes: Set<Lane>;
  /** What lanes are working at; a lane that is not here has been served and waits to be asked. */
  readonly #working = new Map<Lane, Promise<Served>>();
  readonly #arrivals = new Arrivals<Served>();
  #asking = false;

  /** Throws `ReaderOptionsError`. Reads nothing before the first `next`. */
  constructor(options: CdcReaderOptions) {
    this.#options = resolveOptions(options);
    const { session, clock, bucketCount, concurrentQueriesMax } = this.#options;
    const statements = statementsFor(this.#options);
    setMaxListeners(0, this.#closing.signal); // every query that waits to be repeated listens: `concurrentQueriesMax` bounds them
    this.#tools = {
      options: this.#options,
      statements,
      databaseClock: new DatabaseClock(session, statements.nodeTime, clock),
      timeline: new GenerationTimeline(bucketCount),
      buckets: this.#buckets,
      table: undefined,
      changed: new WakeUp(clock, this.#closing.signal),
      signal: this.#closing.signal,
    };
    this.#assigned = new WakeUp(clock, this.#closing.signal);
    const half = Math.floor(concurrentQueriesMax / 2);
    const lanes = [
      new LiveLane(this.#tools, half),
      new CatchUpLane(this.#tools, concurrentQueriesMax - half - 1),
      new LookBackLane(this.#tools),
      new UpkeepLane(this.#tools, this.#assigned),
    ];
    this.#lanes = new Set(lanes.map((lane) => repeatedly(this.#tools, lane)));
  }

  get bucketCount(): number {
    return this.#options.bucketCount;
  }

  /**
   * Begins with a bucket where another reader stood (a stored checkpoint always wins over a start of one's own choice), at the
   * beginning of the log, or now. Assigning it again moves it. Throws `CheckpointInvalidError`; whether the log still reaches
   * back that far is found out by `next` (`LogExpiredError`).
   */
  assign(bucket: number, start: LogStart): void {
    const { bucketCount, knownGroupsMax, lookBackMs, lookBackSliceMs } = this.#options;
    if (!Number.isInteger(bucket) || bucket < 0 || bucket >= bucketCount) {
      throw new ReaderOptionsError('bucket', `expected an integer from 0 to ${bucketCount - 1}, found ${bucket}`);
    }
    if (start !== 'beginning' && start !== 'now') parseCheckpoint(start);
    this.revoke(bucket);
    const lookBack = { lookBackMicros: microsFromMillis(lookBackMs), sliceMicros: microsFromMillis(lookBackSliceMs) };
    this.#buckets.set(bucket, new BucketReading(bucket, start, knownGroupsMax, lookBack));
    this.#assigned.call();
  }

  /** Stops handing out a bucket, from the next call of `next` on. */
  revoke(bucket: number): void {
    const reading = this.#buckets.get(bucket);
    if (reading) reading.revoked = true;
    this.#buckets.delete(bucket);
  }

  /**
   * The next slices, at most one for each bucket; waits up to `waitMs` when there are none and then resolves with []. Asking
   * again means that the slices of the last call have been taken over: the reader counts on the caller for them, and
   * what it hands out as a checkpoint may cover them. Rejects with one of the errors of this library: after a retryable one, and
   * after one that names a bucket (which is revoked then), calling again goes on.
   */
  async next({ signal, waitMs = 1_000 }: NextOptions = {}): Promise<readonly LogSlice[]> {
    if (this.#asking) throw new Error('next was called before the last call had resolved: a reader serves one caller');
    this.#asking = true;
    const over = new AbortController();
    const end = () => over.abort('over'); // an error with its stack, made for want of a reason, is dear in a loop
    signal?.addEventListener('abort', end, { once: true });
    this.#closing.signal.addEventListener('abort', end, { once: true });
    if (signal?.aborted || this.#closing.signal.aborted) end();
    try {
      return await this.#take(this.#options.clock.sleep(waitMs, over.signal), over.signal);
    } finally {
      end();
      signal?.removeEventListener('abort', end);
      this.#closing.signal.removeEventListener('abort', end);
      this.#asking = false;
    }
  }

  /** Gauges, for metrics and alarms. */
  status(): ReaderStatus {
    const { databaseClock, timeline } = this.#tools;
    const now = databaseClock.known ? databaseClock.earliest() : undefined;
    const buckets = [...this.#buckets.values()].map(({ bucket, line, slices }) => {
      const safe = line === undefined ? undefined : checkpointUntil(line, this.#tools);
      return {
        bucket,
        safeUntil: safe === undefined ? null : new Date(millisFromMicros(safe)).toISOString(),
        lagMs: safe === undefined || now === undefined ? null : millisFromMicros(now - safe),
        slicesToLookBack: slices.size,
      };
    });
    const generations = timeline.begins.map((begin) => new Date(millisFromMicros(begin)).toISOString());
    return { buckets, generations, clockSkewMs: databaseClock.skewMs };
  }

  /** Ends; a waiting `next` resolves with []. Resolves when no query is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#working.values());
    this.#working.clear();
    await Promise.allSettled([...this.#lanes].map((lane) => lane.return()));
  }

  async #take(waited: Promise<void>, over: AbortSignal): Promise<readonly LogSlice[]> {
    while (!over.aborted) {
      for (const lane of this.#lanes) this.#ask(lane);
      await Promise.race([waited, this.#arrivals.some]);
      const served = await this.#arrivals.take();
      if (!served) return [];
      this.#working.delete(served.lane);
      if (served.result.done) {
        this.#lanes.delete(served.lane);
        continue;
      }
      const slices = this.#open(served.result.value);
      if (slices.length > 0) return slices;
    }
    return [];
  }

  /** Asks a lane to go on, unless it is at work already. It then stands last, so that no lane starves another. */
  #ask(lane: Lane): void {
    if (this.#working.has(lane)) return;
    const served = lane.next().then((result) => ({ lane, result }));
    this.#working.set(lane, served);
    this.#arrivals.add(served);
  }

  /** Slices of assignments that are not over, or the error. */
  #open(item: LaneItem): readonly LogSlice[] {
    if ('handOuts' in item)
      return item.handOuts.filter((handOut) => this.#isCurrent(handOut)).map(({ slice }) => slice);
    this.#dropRevoked();
    throw item.error;
  }

  #isCurrent({ reading }: HandOut): boolean {
    return this.#buckets.get(reading.bucket) === reading && !reading.revoked;
  }

  #dropRevoked(): void {
    for (const [bucket, { revoked }] of this.#buckets) if (revoked) this.#buckets.delete(bucket);
  }
}
