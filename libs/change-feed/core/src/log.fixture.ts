import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { timestampText } from '@chronicle/seams';
import type { ManualClock } from '@chronicle/seams';

/** An event as a log holds it; the same for the same aggregate and sequence number. */
export function eventOf(aggregateId: string, sequenceNumber: number, over: Partial<StoredEvent> = {}): StoredEvent {
  return {
    eventId: `${aggregateId}-${sequenceNumber}`,
    aggregateId,
    aggregateType: 'Thing',
    sequenceNumber,
    eventType: 'ThingDone',
    eventVersion: 1,
    eventData: '{}',
    causationId: 'cause',
    correlationId: 'flow',
    userId: null,
    timestamp: timestampText(Date.UTC(2026, 0, 1) + sequenceNumber),
    metadata: {},
    hash: '',
    ...over,
  };
}

/** The events 1 to `last` of an aggregate. */
export function streamOf(aggregateId: string, last: number): readonly StoredEvent[] {
  return Array.from({ length: last }, (_, index) => eventOf(aggregateId, index + 1));
}

/** An event store as far as a consumer reads it. `fail` makes every read throw; pages have `pageSize` events. */
export class History implements Pick<EventStore, 'load'> {
  readonly #streams = new Map<string, StoredEvent[]>();
  reads = 0;
  failure: Error | undefined;

  constructor(private readonly pageSize = 1000) {}

  add(...events: readonly StoredEvent[]): void {
    for (const event of events) {
      const stream = this.#streams.get(event.aggregateId) ?? [];
      stream[event.sequenceNumber - 1] = event;
      this.#streams.set(event.aggregateId, stream);
    }
  }

  async *load(aggregateId: string, { from = 1, to = Infinity }: { from?: number; to?: number } = {}) {
    this.reads += 1;
    if (this.failure !== undefined) throw this.failure;
    const events = (this.#streams.get(aggregateId) ?? []).slice(from - 1, to);
    for (let start = 0; start < events.length; start += this.pageSize) yield events.slice(start, start + this.pageSize);
  }

  /** For the constructor of a worker, which reads nothing else of a store. */
  asStore(): EventStore {
    return this as unknown as EventStore;
  }
}

/** Lets everything run that does not wait for time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass in steps until `condition` holds; throws when it still does not after `withinMs`. */
export async function until(
  clock: ManualClock,
  condition: () => boolean | Promise<boolean>,
  withinMs = 60_000,
  stepMs = 10,
): Promise<void> {
  for (let passed = 0; passed <= withinMs; passed += stepMs) {
    await settled();
    if (await condition()) return;
    clock.advance(stepMs);
  }
  throw new Error(`the condition does not hold after ${withinMs} ms: ${condition.toString()}`);
}

/** Lets `ms` pass, in steps in which everything runs. */
export async function pass(clock: ManualClock, ms: number, stepMs = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await settled();
  }
}
