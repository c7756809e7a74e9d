import type { BucketReading } from './bucket-reading.js';
import { expiredError } from './catch-up-lane.js';
import { microsFromMillis, millisFromMicros, type Micros } from './cdc-time.js';
import { parseCheckpoint } from './checkpoint.js';
import { GenerationUnreadableError, LogExpiredError, LogRefusedError, LogUnavailableError } from './errors.js';
import { openGenerationSource, type GenerationSource } from './generation-source.js';
import type { LaneItem, ReaderTools } from './reader-tools.js';
import { describeTable } from './table-schema.js';
import type { WakeUp } from './wake-up.js';

interface Begin {
  readonly time: Micros;
  readonly lookBackFrom: Micros;
}

/**
 * Keeps what passes rely on up to date, beside them: the schema once, the clocks of the nodes, the log generations, and where
 * assigned buckets begin. Whatever fails here is tried again and told to the observer; it stops no pass. Only while nothing
 * can be read at all, or a bucket waits for a generation too long, does the caller of `next` get an error.
 */
export class UpkeepLane {
  #source: GenerationSource | undefined;
  #clocksDueMs = Number.NEGATIVE_INFINITY;
  #generationsDueMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** By what is waited for: since when (monotonic). */
  #waitingSinceMs: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly tools: ReaderTools,
    /** Called when a bucket has been assigned. */
    private readonly assigned: WakeUp,
  ) {}

  async *run(): AsyncGenerator<LaneItem, void> {
    const { signal, changed, options } = this.tools;
    while (!signal.aborted) {
      const errors = await this.#round();
      changed.call();
      for (const error of errors) yield { error };
      const nowMs = options.clock.monotonic();
      const dueMs = Math.min(this.#clocksDueMs, this.#generationsDueMs) - nowMs;
      await this.assigned.wait(this.#failures > 0 ? this.#backOffMs() : Math.max(dueMs, 0));
    }
  }

  /** One round; what it gives the caller must hear of. */
  async #round(): Promise<readonly Error[]> {
    const { options, databaseClock, timeline } = this.tools;
    const ready = this.#source !== undefined && databaseClock.known && !timeline.empty;
    try {
      await this.#prepare();
      await this.#measureClocks();
      await this.#learnGenerations();
      const { expired, unreadable } = this.#beginBuckets();
      const blocking = await this.#loadGenerations();
      this.#failures = 0;
      return [...expired, ...this.#waitedFor([...unreadable, ...blocking])];
    } catch (error) {
      this.#failures += 1;
      if (error instanceof LogUnavailableError || error instanceof LogRefusedError) {
        options.observer.metadataFailed?.(error);
        return ready ? [] : [error];
      }
      return [error as Error];
    }
  }

  async #prepare(): Promise<void> {
    const { options, statements } = this.tools;
    this.tools.table ??= await describeTable(options, statements);
    this.#source ??= await openGenerationSource(options.session, statements, options);
  }

  async #measureClocks(): Promise<void> {
    const { options, databaseClock } = this.tools;
    const nowMs = options.clock.monotonic();
    if (nowMs < this.#clocksDueMs) return;
    const { error, ...clocks } = await databaseClock.measure();
    options.observer.clocksMeasured?.(clocks);
    if (error) options.observer.metadataFailed?.(error);
    if (error && !databaseClock.known) throw error;
    this.#clocksDueMs = nowMs + options.clockIntervalMs;
  }

  /** A generation that is learnt of after buckets went past its begin takes them back there: its rows have not been read. */
  async #learnGenerations(): Promise<void> {
    const { options, databaseClock, timeline, buckets } = this.tools;
    const nowMs = options.clock.monotonic();
    if (nowMs < this.#generationsDueMs || !this.#source) return;
    const asOf = databaseClock.earliest();
    const found = timeline.learn(await this.#source.begins(), asOf);
    this.#generationsDueMs = nowMs + (timeline.empty ? options.retryDelayMaxMs : options.metadataIntervalMs);
    for (const begin of found) {
      options.observer.generationFound?.(isoText(begin));
      const back = [...buckets.values()].filter((reading) => reading.rewind(begin));
      if (back.length > 0) options.observer.generationFoundLate?.(isoText(begin), back.length);
    }
  }

  #beginBuckets(): { readonly expired: readonly Error[]; readonly unreadable: readonly GenerationUnreadableError[] } {
    const expired: Error[] = [];
    const unreadable: GenerationUnreadableError[] = [];
    for (const reading of this.tools.buckets.values()) {
      if (reading.line !== undefined || reading.revoked) continue;
      const begin = this.#beginOf(reading);
      if (begin instanceof LogExpiredError) {
        reading.revoked = true;
        expired.push(begin);
      } else if (begin instanceof GenerationUnreadableError) unreadable.push(begin);
      else reading.begin(begin.time, begin.lookBackFrom);
    }
    return { expired, unreadable };
  }

  /** An error: what is needed is not there yet, or no more. */
  #beginOf({ bucket, start }: BucketReading): Begin | GenerationUnreadableError | LogExpiredError {
    const { timeline, databaseClock } = this.tools;
    const [first] = timeline.begins;
    if (first === undefined) return new GenerationUnreadableError(null, 'the metadata tables name none');
    if (start === 'now') return at(databaseClock.earliest());
    const { generation, ...place } =
      start === 'beginning' ? { ...at(first), generation: undefined } : parseCheckpoint(start);
    // Asked first: with tablets, a database forgets a generation as it forgets its rows.
    const expired = expiredError(this.tools, bucket, place.time);
    if (expired || generation === undefined) return expired ?? place;
    if (!timeline.begins.includes(generation)) {
      return new GenerationUnreadableError(isoText(generation), 'a checkpoint names it, the metadata tables do not');
    }
    const next = timeline.after(generation);
    const time = next !== undefined && next <= place.time ? next : place.time;
    const lookBackFrom = place.lookBackFrom < time ? place.lookBackFrom : time;
    return expiredError(this.tools, bucket, time) ?? { time, lookBackFrom };
  }

  async #loadGenerations(): Promise<readonly GenerationUnreadableError[]> {
    const { options, timeline, buckets } = this.tools;
    if (!this.#source || timeline.empty) return [];
    const unreadable = await timeline.load(this.#source, this.#neededFrom());
    for (const error of unreadable) options.observer.generationUnreadable?.(error);
    if (unreadable.length > 0) this.#generationsDueMs = options.clock.monotonic() + options.retryDelayMaxMs;
    const blocked = [...buckets.values()].flatMap(({ line }) =>
      line === undefined ? [] : (timeline.blockedAt(line) ?? []),
    );
    return blocked.slice(0, 1);
  }

  /** From where on generations are needed: the oldest bucket, its look-back, and the streams that had closed just before. */
  #neededFrom(): Micros {
    const { buckets, options, databaseClock } = this.tools;
    const oldest = [...buckets.values()].flatMap(({ readForGood }) => readForGood ?? []);
    const from = oldest.reduce((least, time) => (time < least ? time : least), databaseClock.earliest());
    return from - microsFromMillis(options.lookBackMs);
  }

  /** Those that have been waited for long enough; waits that are over are forgotten. */
  #waitedFor(unreadable: readonly GenerationUnreadableError[]): readonly Error[] {
    const { clock, generationWaitMs } = this.tools.options;
    const nowMs = clock.monotonic();
    const sinceMs = (message: string) => this.#waitingSinceMs.get(message) ?? nowMs;
    this.#waitingSinceMs = new Map(unreadable.map(({ message }) => [message, sinceMs(message)]));
    const unique = new Map(unreadable.map((error) => [error.message, error]));
    return [...unique.values()].filter(({ message }) => nowMs - sinceMs(message) >= generationWaitMs);
  }

  #backOffMs(): number {
    const { retryDelayMs, retryDelayMaxMs } = this.tools.options;
    return Math.min(retryDelayMs * 2 ** Math.min(this.#failures - 1, 20), retryDelayMaxMs);
  }
}

function at(time: Micros): Begin {
  return { time, lookBackFrom: time };
}

function isoText(micros: Micros): string {
  return new Date(millisFromMicros(micros)).toISOString();
}
