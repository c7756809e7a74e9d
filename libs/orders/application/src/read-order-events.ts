import type { EventCodec, EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventContracts, type OrderEvent } from '@chronicle/orders-contracts';
import { mayReach, type OrderAccess } from './order-access.js';

/** The most events of one page of an audit trail. */
export const EVENTS_PAGE_MAX = 200;

/** One event of an order as it is shown: its data, and the version that the data is in, brought up to today's. */
export type OrderEventView = Omit<StoredEvent, 'eventData'> & { readonly eventData: OrderEvent['data'] };

export interface ReadOrderEventsRequest {
  /** In lower case. */
  readonly orderId: string;
  readonly access: OrderAccess;
  /** Sequence number of the first event wanted, from 1. */
  readonly from: number;
  /** 1 to {@link EVENTS_PAGE_MAX}. */
  readonly limit: number;
}

/** A page of an order's events in ascending order; `nextFrom` is where the next page begins, null when there are no more. */
export type ReadOrderEventsResult =
  | { readonly outcome: 'page'; readonly events: readonly OrderEventView[]; readonly nextFrom: number | null }
  | { readonly outcome: 'not-found' };

/**
 * The audit trail of an order. An order out of the caller's reach is answered as if it did not exist. Throws
 * `StoreUnavailableError` when the events cannot be read, and the codec's errors for an event that this build cannot read.
 */
export class ReadOrderEvents {
  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec<OrderEvent>,
  ) {}

  async execute({ orderId, access, from, limit }: ReadOrderEventsRequest): Promise<ReadOrderEventsResult> {
    // One event more than is answered tells whether there is a next page.
    const found = (await this.load(orderId, from, limit + 1)).map((stored) => orderEventView(stored, this.codec));
    // Any event names the customer; beyond the end, the first one is asked.
    const witness = found[0] ?? (await this.load(orderId, 1, 1)).map((stored) => orderEventView(stored, this.codec))[0];
    if (witness === undefined || !mayReach(access, witness.eventData.customerId)) return { outcome: 'not-found' };
    const nextFrom = found.length > limit ? from + limit : null;
    return { outcome: 'page', events: found.slice(0, limit), nextFrom };
  }

  private async load(orderId: string, from: number, count: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    const to = Math.min(from + count - 1, Number.MAX_SAFE_INTEGER);
    for await (const page of this.store.load(orderId, { from, to })) events.push(...page);
    return events;
  }
}

/** An event as it is shown. Throws the codec's errors for an event that this build cannot read. */
export function orderEventView(stored: StoredEvent, codec: EventCodec<OrderEvent>): OrderEventView {
  const { type, data } = codec.decode(stored);
  return { ...eventEnvelope(stored), eventVersion: orderEventContracts[type].currentVersion, eventData: data };
}

/** Exactly the fields of an envelope, in one order, whatever else an adapter hands over. */
export function eventEnvelope(stored: StoredEvent): StoredEvent {
  const { eventId, aggregateId, aggregateType, sequenceNumber, eventType, eventVersion, eventData } = stored;
  const { causationId, correlationId, userId, timestamp, metadata, hash } = stored;
  return {
    ...{ eventId, aggregateId, aggregateType, sequenceNumber, eventType, eventVersion, eventData },
    ...{ causationId, correlationId, userId, timestamp, metadata, hash },
  };
}
