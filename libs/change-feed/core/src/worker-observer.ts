import type { Parking } from './consumer-store.js';

/** What a worker depends on, as readiness names it. */
export type WorkerPart = 'change-feed' | 'event-store' | 'handler' | 'consumer-store' | 'coordination';

/** Is one part of a worker in use, and if not, why. */
export interface PartHealth {
  readonly part: WorkerPart;
  readonly up: boolean;
  /** Why it is down, null when it is up. */
  readonly reason: string | null;
}

/**
 * Told what a worker does, for metrics and logs. Called synchronously from the worker's loop: an observer returns at once
 * and does not throw. Every method is optional.
 */
export interface WorkerObserver {
  /** A batch took effect and was committed. */
  batch?(facts: { readonly events: number; readonly aggregates: number; readonly durationMs: number }): void;
  /** Events that were handled before came again and were dropped. */
  repeatsDropped?(events: number): void;
  /** Missing events were read from the event store. */
  holeHealed?(facts: { readonly aggregateId: string; readonly events: number; readonly openMs: number }): void;
  /** An event could not take effect and will be tried again. */
  retried?(facts: {
    readonly aggregateId: string;
    readonly attempt: number;
    readonly code: string;
    readonly reason: string;
  }): void;
  parked?(facts: Parking & { readonly aggregateId: string }): void;
  /** A parked aggregate flows again, by redrive or after a skip. */
  unparked?(facts: { readonly aggregateId: string; readonly sequence: number }): void;
  /** A person skipped one event. */
  skipped?(facts: {
    readonly aggregateId: string;
    readonly sequenceNumber: number;
    readonly reason: string;
    readonly userId: string | null;
  }): void;
  /** A bucket was taken; `from` is the instance that had it and is dead, null when it was free or handed over. */
  bucketTaken?(facts: { readonly bucket: number; readonly epoch: number; readonly from: string | null }): void;
  bucketHandedOver?(facts: { readonly bucket: number; readonly to: string }): void;
  /** Somebody else owns a bucket that was held, or this instance could not beat in time. */
  bucketLost?(facts: { readonly bucket: number; readonly why: 'taken-by-other' | 'no-heartbeat' }): void;
  /** A part cannot be used; called once at the start of an outage. */
  outage?(facts: { readonly part: WorkerPart; readonly error: unknown }): void;
  /** The part is in use again. */
  recovered?(facts: { readonly part: WorkerPart }): void;
}
