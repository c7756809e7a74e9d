import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import type { BucketProgress } from './bucket-progress.js';
import type { WorkerSettings } from './worker-settings.js';

/**
 * An aggregate with events that were handed out and cannot be handled yet: one before them is missing, or the first of them
 * failed and is to be tried again. `early` may lack some of the events up to `upTo`: those are read from the event store.
 */
export interface AggregateWait {
  readonly aggregateId: string;
  readonly progress: BucketProgress;
  /** The slice of its bucket that brought the first of them: no checkpoint from there on may be saved. */
  readonly slice: number;
  readonly early: Map<number, StoredEvent>;
  /** The newest of its events seen. */
  upTo: number;
  /** Since when (monotonic ms). */
  readonly since: number;
  /** When it is next looked at (monotonic ms). */
  dueAt: number;
  /** How often its first event was tried: 0 = it waits for a missing one. */
  attempts: number;
}

/** The aggregates that wait, and their events as far as there is room for them in memory. */
export class AggregateWaits {
  readonly #waits = new Map<string, AggregateWait>();
  #earlyEvents = 0;

  constructor(
    private readonly clock: Clock,
    private readonly settings: Pick<WorkerSettings, 'holeGraceMs' | 'earlyEventsMax'>,
  ) {}

  get size(): number {
    return this.#waits.size;
  }

  get(aggregateId: string): AggregateWait | undefined {
    return this.#waits.get(aggregateId);
  }

  begin(aggregateId: string, progress: BucketProgress, slice: number): AggregateWait {
    const since = this.clock.monotonic();
    const dueAt = since + this.settings.holeGraceMs;
    const wait: AggregateWait = {
      ...{ aggregateId, progress, slice, since, dueAt },
      ...{ early: new Map(), upTo: 0, attempts: 0 },
    };
    this.#waits.set(aggregateId, wait);
    progress.waits.add(wait);
    return wait;
  }

  /** Holds an event, in memory while there is room; else only its number, and it is read from the event store. */
  hold(wait: AggregateWait, event: StoredEvent): void {
    wait.upTo = Math.max(wait.upTo, event.sequenceNumber);
    if (this.#earlyEvents >= this.settings.earlyEventsMax || wait.early.has(event.sequenceNumber)) return;
    wait.early.set(event.sequenceNumber, event);
    this.#earlyEvents += 1;
  }

  /** The event `sequence` out of memory, if it is there. */
  takeEarly(wait: AggregateWait, sequence: number): StoredEvent | undefined {
    const event = wait.early.get(sequence);
    if (wait.early.delete(sequence)) this.#earlyEvents -= 1;
    return event;
  }

  /** Forgets the events up to `sequence`: they are in hand. */
  forgetEarly(wait: AggregateWait, sequence: number): void {
    for (const early of [...wait.early.keys()]) if (early <= sequence) this.takeEarly(wait, early);
  }

  end(wait: AggregateWait): void {
    this.#earlyEvents -= wait.early.size;
    this.#waits.delete(wait.aggregateId);
    wait.progress.waits.delete(wait);
  }

  /** Those whose time has come, at most `max`, those that wait longest first. */
  due(max: number): readonly AggregateWait[] {
    const due: AggregateWait[] = [];
    if (this.#waits.size === 0) return due;
    const now = this.clock.monotonic();
    for (const wait of this.#waits.values()) {
      if (wait.dueAt <= now) due.push(wait);
      if (due.length === max) break;
    }
    return due;
  }

  /** How many miss an event, and since when the first of them does. */
  holes(): { readonly count: number; readonly oldestMs: number } {
    const now = this.clock.monotonic();
    const holes = [...this.#waits.values()].filter((wait) => wait.attempts === 0);
    return { count: holes.length, oldestMs: holes.reduce((oldest, { since }) => Math.max(oldest, now - since), 0) };
  }
}
