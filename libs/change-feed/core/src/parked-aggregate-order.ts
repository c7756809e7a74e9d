import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { timestampText } from '@chronicle/seams';
import type { Clock } from '@chronicle/seams';
import type { ConsumerHandler, HandledRun } from './consumer-handler.js';
import type { Advance, Parking, Position } from './consumer-store.js';
import type { ActionResult } from './group-coordination.js';
import type { WorkerObserver } from './worker-observer.js';

/** What is to be done with one parked aggregate. */
export interface ParkedAggregateOrder {
  readonly kind: 'redrive' | 'skip';
  readonly aggregateId: string;
  readonly bucket: number;
  /** The event that it was parked at when the order was given. */
  readonly sequenceNumber: number;
  readonly reason: string | null;
  readonly userId: string | null;
}

/** What carries an order out. */
export interface ParkedAggregateTools<Effect> {
  readonly history: Pick<EventStore, 'load'>;
  readonly handler: ConsumerHandler<Effect>;
  readonly clock: Clock;
  readonly observer: WorkerObserver;
  position(aggregateId: string): Promise<Position>;
  /** Commits one step of the aggregate, in the epoch in which its bucket is held. */
  commit(advance: Omit<Advance<Effect>, 'epoch'>): Promise<void>;
}

/**
 * Carries out an order: goes on with a parked aggregate from its position (after the one event that a person skips), reading
 * what waits from the event store, until its end or the next failure, which parks it anew; here every failure does, for a
 * person is watching and can try again. It stays parked until the last page is committed, so that a crash in between loses
 * nothing. Repeating it is harmless: a skip skips the event that it names and no other.
 */
export async function carryOut<Effect>(
  order: ParkedAggregateOrder,
  tools: ParkedAggregateTools<Effect>,
): Promise<ActionResult> {
  let position = await tools.position(order.aggregateId);
  const parked = position.parked;
  if (parked === null) return position.sequence < order.sequenceNumber ? 'not-parked' : 'done';
  if (order.kind === 'skip') {
    if (parked.sequenceNumber !== order.sequenceNumber) return 'done';
    position = { ...position, sequence: parked.sequenceNumber };
  }
  const outcome = await goOn(order, position, parked, tools);
  const { aggregateId } = order;
  if (order.kind === 'skip') {
    const { sequenceNumber, reason, userId } = order;
    tools.observer.skipped?.({ aggregateId, sequenceNumber, reason: reason ?? '', userId });
  }
  if (outcome.parked === null) tools.observer.unparked?.({ aggregateId, sequence: outcome.sequence });
  else tools.observer.parked?.({ aggregateId, ...outcome.parked });
  return 'done';
}

async function goOn<Effect>(
  order: ParkedAggregateOrder,
  from: Position,
  parked: Parking,
  tools: ParkedAggregateTools<Effect>,
): Promise<Position> {
  const { aggregateId, bucket } = order;
  let position: Position = { ...from, parked: null };
  let page: readonly StoredEvent[] = [];
  let effects: readonly Effect[] = [];
  for await (const next of tools.history.load(aggregateId, { from: from.sequence + 1 })) {
    if (page.length > 0) {
      const behind = { ...parked, sequenceNumber: position.sequence + 1, eventType: next[0]!.eventType };
      await tools.commit({ aggregateId, bucket, position: { ...position, parked: behind }, effects });
    }
    page = next;
    const [handled] = await tools.handler.handle([{ aggregateId, position, events: page }]);
    effects = handled!.effects;
    position = after(position, page, handled!, parked, tools.clock);
    if (position.parked !== null) break;
  }
  await tools.commit({ aggregateId, bucket, position, effects });
  return position;
}

function after<Effect>(
  position: Position,
  events: readonly StoredEvent[],
  { handled, state, failure }: HandledRun<Effect>,
  parked: Parking,
  clock: Clock,
): Position {
  const sequence = position.sequence + handled;
  if (failure === undefined) return { sequence, state, parked: null };
  return { sequence, state, parked: parkingOf(events[handled]!, failure, clock, parked) };
}

/** Why an aggregate stands still from `event` on; since when, is what it was before if it stood still there already. */
export function parkingOf(
  event: StoredEvent,
  failure: { readonly code: string; readonly reason: string },
  clock: Clock,
  before: Parking | null = null,
): Parking {
  const since = before?.sequenceNumber === event.sequenceNumber ? before.since : timestampText(clock.now());
  return {
    sequenceNumber: event.sequenceNumber,
    eventType: event.eventType,
    code: failure.code,
    reason: failure.reason,
    since,
  };
}
