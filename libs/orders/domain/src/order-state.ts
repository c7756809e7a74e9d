import type { OrderEvent, OrderItem } from '@chronicle/orders-contracts';
import { BrokenOrderStreamError } from './broken-order-stream-error.js';
import { copyItems } from './order-items.js';

/** Every status of an order, in the order in which a delivered one goes through them; an order ends DELIVERED or CANCELLED. */
export const orderStatuses = ['CREATED', 'CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED'] as const;

export type OrderStatus = (typeof orderStatuses)[number];

/** An order as its events tell it; plain JSON, so that snapshots and projections can keep it as text. What has not happened is
 *  null. Times are RFC 3339 UTC texts with milliseconds; `version` is the sequence number of the last event. */
export interface OrderState {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
  readonly signature: string | null;
  readonly cancelReason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** An event of an order as it was read back: upcast to today's version, with its place in the stream. */
export type RecordedOrderEvent = OrderEvent & {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly timestamp: string;
};

/** The order after its first event. Throws `BrokenOrderStreamError` when that is not the creation of this very order. */
export function firstOrderState(event: RecordedOrderEvent): OrderState {
  if (event.type !== 'OrderCreated') throw new BrokenOrderStreamError(event, 'OrderCreated as the first event');
  if (event.data.orderId !== event.aggregateId) {
    throw new BrokenOrderStreamError(event, `data.orderId ${event.aggregateId}, not ${event.data.orderId}`);
  }
  return {
    orderId: event.data.orderId,
    customerId: event.data.customerId,
    status: 'CREATED',
    currency: event.data.currency,
    items: copyItems(event.data.items),
    trackingNumber: null,
    carrier: null,
    signature: null,
    cancelReason: null,
    createdAt: event.timestamp,
    updatedAt: event.timestamp,
    version: event.sequenceNumber,
  };
}

/** The order after one more event. Events are facts, so the rules of commands are not asked again: they may have been others when
 *  the event happened. Nor is a gap in the sequence refused, or a projection could never go on after an event that a person told
 *  it to skip. Throws `BrokenOrderStreamError` for a second creation, another order's event, or one that is not newer. */
export function nextOrderState(state: OrderState, event: RecordedOrderEvent): OrderState {
  if (event.aggregateId !== state.orderId)
    throw new BrokenOrderStreamError(event, `an event of order ${state.orderId}`);
  if (event.sequenceNumber <= state.version) {
    throw new BrokenOrderStreamError(event, `a sequence number above ${state.version}`);
  }
  return { ...state, ...changeBy(event), updatedAt: event.timestamp, version: event.sequenceNumber };
}

function changeBy(event: RecordedOrderEvent): Partial<OrderState> {
  switch (event.type) {
    case 'OrderItemsUpdated':
      return { items: copyItems(event.data.items) };
    case 'OrderConfirmed':
      return { status: 'CONFIRMED' };
    case 'OrderShipped':
      return { status: 'SHIPPED', trackingNumber: event.data.trackingNumber, carrier: event.data.carrier };
    case 'OrderDelivered':
      return { status: 'DELIVERED', signature: event.data.signature };
    case 'OrderCancelled':
      return { status: 'CANCELLED', cancelReason: event.data.reason };
    case 'OrderCreated':
      throw new BrokenOrderStreamError(event, 'OrderCreated as the first event only');
  }
}
