import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Position } from './consumer-store.js';

/** The next events of one aggregate: they follow its position without gap. */
export interface AggregateRun {
  readonly aggregateId: string;
  readonly position: Position;
  readonly events: readonly StoredEvent[];
}

/** How far the handler came with a run. */
export interface HandledRun<Effect> {
  /** How many of the run's events took effect: all, or those before the one that failed. */
  readonly handled: number;
  /** The handler's memory of the aggregate after them. */
  readonly state: string | null;
  /** What the store is to write with the new position. */
  readonly effects: readonly Effect[];
  /** Why the event after them cannot take effect, now (`retryable`) or until something changes: then its aggregate is parked. */
  readonly failure?: { readonly code: string; readonly reason: string; readonly retryable: boolean };
}

/**
 * What a consumer group does with events. Called with one batch at a time; events of one aggregate arrive in order, each at
 * least once, and again only if the commit after it failed. Answers in the order of `runs`, one each. Throwing means that
 * nothing can be handled now (the broker is away): the batch is repeated for ever with back-off, and nothing is parked.
 */
export interface ConsumerHandler<Effect = never> {
  handle(runs: readonly AggregateRun[]): Promise<readonly HandledRun<Effect>[]>;
}
