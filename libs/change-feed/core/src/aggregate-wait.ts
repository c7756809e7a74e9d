import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { BucketProgress } from './bucket-progress.js';

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
