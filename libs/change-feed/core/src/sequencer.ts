import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import { AggregateWaits } from './aggregate-wait.js';
import type { AggregateWait } from './aggregate-wait.js';
import { BucketProgress } from './bucket-progress.js';
import type { FeedSlice } from './change-feed.js';
import type { AggregateRun } from './consumer-handler.js';
import type { ConsumerStore, Position } from './consumer-store.js';
import { PositionCache, START } from './position-cache.js';
import type { WorkerObserver } from './worker-observer.js';
import type { WorkerSettings } from './worker-settings.js';

/** The most events that one turn takes from waiting aggregates, and the most of one run. */
const DUE_EVENTS_MAX = 1000;
/** A hole that the event store cannot fill yet is looked at again after this time. */
const HOLE_RETRY_MS = 1000;
/** Aggregates that may wait before nothing more is fetched. */
export const WAITING_AGGREGATES_MAX = 10_000;

/** A run with the bucket that it came from. */
export interface SequencedRun extends AggregateRun {
  readonly bucket: number;
  readonly events: StoredEvent[];
}

/** What a {@link Sequencer} needs. */
export interface SequencerOptions {
  readonly store: Pick<ConsumerStore<unknown>, 'positions'>;
  readonly history: Pick<EventStore, 'load'>;
  readonly bucketOf: (aggregateId: string) => number;
  readonly clock: Clock;
  readonly settings: WorkerSettings;
  readonly observer: WorkerObserver;
  /** Told when the event store could not be read (a hole stays open then), and when it could. */
  readonly onHistory: (error: unknown | undefined) => void;
}

interface OpenRun extends SequencedRun {
  position: Position;
}

/**
 * Between the feed, which may repeat, reorder and miss, and the handler, which sees every event of an aggregate once, in
 * order: what the durable position covers is dropped, what is early is held, and what stays missing is read from the event
 * store, where a seen successor proves it to be. Used by one caller, one call at a time: `take`, then `settle` for each run,
 * then `takeCheckpoints`.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #positions: PositionCache;
  readonly #buckets = new Map<number, BucketProgress>();
  readonly #waits: AggregateWaits;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#positions = new PositionCache(options.settings.cachedPositionsMax);
    this.#waits = new AggregateWaits(options.clock, options.settings);
  }

  /** Begins with a bucket that is not open. */
  open(bucket: number): void {
    this.#buckets.set(bucket, new BucketProgress(bucket));
  }

  /** Forgets buckets: what waits in them is before no saved checkpoint, so that their next owner is given it again. */
  close(buckets: ReadonlySet<number>): void {
    for (const bucket of buckets) {
      for (const wait of [...(this.#buckets.get(bucket)?.waits ?? [])]) this.#waits.end(wait);
      this.#buckets.delete(bucket);
    }
    this.#positions.forget((aggregateId) => buckets.has(this.#options.bucketOf(aggregateId)));
  }

  /** Too many aggregates wait: take what is due, and no new slices. */
  get full(): boolean {
    return this.#waits.size >= WAITING_AGGREGATES_MAX;
  }

  /** Aggregates with a missing event, and the age of the oldest such hole. */
  openHoles(): { readonly count: number; readonly oldestMs: number } {
    return this.#waits.holes();
  }

  /** The durable position of one aggregate, from memory where it is there. */
  async position(aggregateId: string): Promise<Position> {
    const cached = this.#positions.get(aggregateId);
    if (cached !== undefined) return cached;
    return (await this.#options.store.positions([aggregateId])).get(aggregateId) ?? START;
  }

  /**
   * The runs that can be handled now: from these slices and from what was waiting. Throws what the store throws when
   * positions cannot be read: nothing has changed then, call it again with the same slices.
   */
  async take(slices: readonly FeedSlice[]): Promise<readonly SequencedRun[]> {
    const runs = new Map<string, OpenRun>();
    for (const progress of this.#buckets.values()) progress.beginTurn();
    const due = this.#waits.due(DUE_EVENTS_MAX);
    await this.#openRuns(slices, due, runs);
    this.#admit(slices, runs);
    await this.#takeDue(due, runs);
    const ready: OpenRun[] = [];
    for (const run of runs.values()) if (run.events.length > 0) ready.push(run);
    return ready;
  }

  /** How often the first event of the run has been tried before. */
  attempts(run: SequencedRun): number {
    return this.#waits.get(run.aggregateId)?.attempts ?? 0;
  }

  /**
   * What became of a run: it is to be committed up to `position`, and the caller does not go on before it is. With `retry`,
   * the event after the position failed and is tried again, what is behind it waits. After a park nothing waits: the rest is
   * in the event store.
   */
  settle(run: SequencedRun, position: Position, retry?: { readonly attempts: number; readonly afterMs: number }): void {
    this.#positions.set(run.aggregateId, position);
    if (retry !== undefined) return this.#waitForRetry(run, position, retry);
    if (this.#waits.size === 0) return;
    const wait = this.#waits.get(run.aggregateId);
    if (wait === undefined) return;
    wait.attempts = 0;
    this.#waits.forgetEarly(wait, position.sequence);
    if (position.parked !== null || position.sequence >= wait.upTo) this.#waits.end(wait);
  }

  /** The checkpoints that nothing unhandled lies before, of all buckets that have a new one. */
  takeCheckpoints(): readonly { readonly bucket: number; readonly checkpoint: string }[] {
    const savable: { bucket: number; checkpoint: string }[] = [];
    for (const progress of this.#buckets.values()) {
      if (!progress.hasPending) continue;
      const checkpoint = progress.takeSavable();
      if (checkpoint !== undefined) savable.push({ bucket: progress.bucket, checkpoint });
    }
    return savable;
  }

  /** A parked aggregate was taken further outside of a run (a redrive or a skip). */
  moved(aggregateId: string, position: Position): void {
    this.#positions.set(aggregateId, position);
  }

  async #openRuns(
    slices: readonly FeedSlice[],
    due: readonly AggregateWait[],
    runs: Map<string, OpenRun>,
  ): Promise<void> {
    const unknown: string[] = [];
    const open = (aggregateId: string, bucket: number) => {
      const position = this.#positions.get(aggregateId);
      if (position === undefined) unknown.push(aggregateId);
      runs.set(aggregateId, { aggregateId, bucket, position: position ?? START, events: [] });
    };
    for (const slice of slices) {
      if (!this.#buckets.has(slice.bucket)) continue;
      for (const event of slice.events) if (!runs.has(event.aggregateId)) open(event.aggregateId, slice.bucket);
    }
    for (const wait of due) if (!runs.has(wait.aggregateId)) open(wait.aggregateId, wait.progress.bucket);
    if (unknown.length === 0) return;
    const stored = await this.#options.store.positions(unknown);
    for (const aggregateId of unknown) {
      const position = stored.get(aggregateId) ?? START;
      this.#positions.set(aggregateId, position);
      runs.get(aggregateId)!.position = position;
    }
  }

  #admit(slices: readonly FeedSlice[], runs: ReadonlyMap<string, OpenRun>): void {
    let repeats = 0;
    for (const slice of slices) {
      const progress = this.#buckets.get(slice.bucket);
      if (progress === undefined) continue;
      progress.advance(slice.checkpoint);
      for (const event of slice.events)
        if (!this.#admitOne(event, runs.get(event.aggregateId)!, progress)) repeats += 1;
    }
    if (repeats > 0) this.#options.observer.repeatsDropped?.(repeats);
  }

  /** False: the event was handled before, or is in hand already. */
  #admitOne(event: StoredEvent, run: OpenRun, progress: BucketProgress): boolean {
    const next = nextOf(run);
    if (event.sequenceNumber < next) return false;
    if (run.position.parked !== null) return true;
    const wait = this.#waits.size === 0 ? undefined : this.#waits.get(event.aggregateId);
    if (wait !== undefined) this.#admitToWait(wait, event, run);
    else if (event.sequenceNumber === next) run.events.push(event);
    else this.#waits.hold(this.#waits.begin(event.aggregateId, progress, progress.slice), event);
    return true;
  }

  /** Events of an aggregate that waits join the wait, which lasts until its run is settled; a filled hole is a run at once. */
  #admitToWait(wait: AggregateWait, event: StoredEvent, run: OpenRun): void {
    if (wait.attempts > 0 || event.sequenceNumber !== nextOf(run)) return this.#waits.hold(wait, event);
    run.events.push(event);
    this.#moveEarly(wait, run);
  }

  /** Moves what follows the run without gap from memory to the run. */
  #moveEarly(wait: AggregateWait, run: OpenRun): void {
    while (run.events.length < DUE_EVENTS_MAX) {
      const next = this.#waits.takeEarly(wait, nextOf(run));
      if (next === undefined) return;
      run.events.push(next);
    }
  }

  async #takeDue(due: readonly AggregateWait[], runs: ReadonlyMap<string, OpenRun>): Promise<void> {
    let events = 0;
    for (const wait of due) {
      if (events >= DUE_EVENTS_MAX) return;
      const run = runs.get(wait.aggregateId)!;
      this.#moveEarly(wait, run);
      if (nextOf(run) <= wait.upTo && run.events.length < DUE_EVENTS_MAX) await this.#readMissing(wait, run);
      events += run.events.length;
    }
  }

  async #readMissing(wait: AggregateWait, run: OpenRun): Promise<void> {
    const from = nextOf(run);
    const to = Math.min(wait.upTo, from + DUE_EVENTS_MAX - run.events.length - 1);
    try {
      for await (const page of this.#options.history.load(wait.aggregateId, { from, to })) {
        for (const event of page) if (event.sequenceNumber === nextOf(run)) run.events.push(event);
      }
      this.#options.onHistory(undefined);
    } catch (error) {
      this.#options.onHistory(error);
    }
    this.#waits.forgetEarly(wait, nextOf(run) - 1);
    const read = nextOf(run) - from;
    if (read === 0) wait.dueAt = this.#options.clock.monotonic() + HOLE_RETRY_MS;
    else if (wait.attempts === 0) this.#reportHealed(wait, read);
  }

  #reportHealed(wait: AggregateWait, events: number): void {
    const openMs = this.#options.clock.monotonic() - wait.since;
    this.#options.observer.holeHealed?.({ aggregateId: wait.aggregateId, events, openMs });
  }

  #waitForRetry(
    run: SequencedRun,
    position: Position,
    retry: { readonly attempts: number; readonly afterMs: number },
  ): void {
    const progress = this.#buckets.get(run.bucket)!;
    const wait = this.#waits.get(run.aggregateId) ?? this.#waits.begin(run.aggregateId, progress, progress.firstSlice);
    for (const event of run.events) if (event.sequenceNumber > position.sequence) this.#waits.hold(wait, event);
    wait.attempts = retry.attempts;
    wait.dueAt = this.#options.clock.monotonic() + retry.afterMs;
  }
}

function nextOf(run: OpenRun): number {
  return run.position.sequence + run.events.length + 1;
}
