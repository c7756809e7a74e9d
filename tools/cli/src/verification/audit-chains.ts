import {
  EMPTY_STREAM,
  followChain,
  type EventStore,
  type StoredEvent,
  type StreamEnd,
} from '@chronicle/event-sourcing-core';
import type { StepProgress } from './progress.js';

/** How many broken chains are listed; the others are counted. */
export const BREAKS_LISTED_MAX = 1000;

/** The first event of an aggregate that does not follow from the one before it. */
export interface BrokenChain {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly reason: string;
}

export interface AuditResult {
  readonly intact: boolean;
  readonly aggregates: number;
  readonly events: number;
  /** Aggregates whose chain is broken. */
  readonly broken: number;
  /** The first {@link BREAKS_LISTED_MAX} of them. */
  readonly breaks: readonly BrokenChain[];
}

/**
 * Follows the hash chain of every aggregate and names the first bad event of each that is broken: nothing after it can be
 * trusted. A chain that was cut off at its end is whole; `verifySystem` finds that. Memory does not grow with the store.
 */
export async function auditChains(store: EventStore, progress: StepProgress = () => undefined): Promise<AuditResult> {
  const breaks: BrokenChain[] = [];
  let broken = 0;
  let events = 0;
  let aggregates = 0;
  let chain: Chain | undefined;
  for await (const page of store.streamAll()) {
    for (const event of page.events) {
      if (event.aggregateId !== chain?.aggregateId) {
        chain = new Chain(event.aggregateId);
        aggregates += 1;
      }
      const found = chain.follow(event);
      if (found && ++broken <= BREAKS_LISTED_MAX) breaks.push(found);
    }
    events += page.events.length;
    progress(page.scanned, page.total);
  }
  return { intact: broken === 0, aggregates, events, broken, breaks };
}

class Chain {
  /** Undefined once it is broken. */
  private end: StreamEnd | undefined = EMPTY_STREAM;

  constructor(readonly aggregateId: string) {}

  /** Where it breaks, told once. */
  follow(event: StoredEvent): BrokenChain | undefined {
    if (!this.end) return undefined;
    const next = followChain(this.end, event);
    if (!('reason' in next)) {
      this.end = next;
      return undefined;
    }
    this.end = undefined;
    const { aggregateId, sequenceNumber, eventId, eventType } = event;
    return { aggregateId, sequenceNumber, eventId, eventType, reason: next.reason };
  }
}
