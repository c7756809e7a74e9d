import type { Append, EventDraft, EventStore } from '@chronicle/event-sourcing-core';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import { orderAggregate } from '@chronicle/orders-domain';
import { seededEntropy, systemClock, systemEntropy, timestampText, uuidV7, type Entropy } from '@chronicle/seams';
import { newOrder } from './order-requests.js';

/** Events of one order of {@link fillWithOrders}: its whole life. */
export const EVENTS_PER_ORDER = 5;

/** Orders under way at the same time: their events mix in the log. */
const OPEN_ORDERS = 500;
/** Appends handed over at once: what one commit of the writer can hold. */
const APPENDS_AT_ONCE = 256;
const EVENTS_PER_APPEND = 100;

type Appending = Pick<EventStore, 'append'>;

const newId = () => uuidV7(systemClock, systemEntropy);

/** The life of an order: created, changed, confirmed, shipped, delivered. */
function life(orderId: string, salt: number): readonly OrderEvent[] {
  const customerId = newId();
  const order = { orderId, customerId };
  return [
    { type: 'OrderCreated', data: { ...newOrder(customerId, salt), orderId } },
    { type: 'OrderItemsUpdated', data: { ...order, items: newOrder(customerId, salt + 1).items, reason: null } },
    { type: 'OrderConfirmed', data: order },
    { type: 'OrderShipped', data: { ...order, trackingNumber: `track-${salt}`, carrier: 'DHL' } },
    { type: 'OrderDelivered', data: { ...order, signature: null } },
  ];
}

/**
 * Appends the lives of so many orders, an event at a time as commands do, through the store's own writer; events of 500 orders
 * mix, the next is any order's. Answers the id of the last order that came to its end.
 */
export async function fillWithOrders(
  store: Appending,
  orders: number,
  onProgress: (share: number) => void,
  entropy: Entropy = seededEntropy(1),
): Promise<string> {
  let begun = 0;
  let last = '';
  const begin = () => {
    const orderId = newId();
    return { orderId, events: life(orderId, begun++), done: 0 };
  };
  const open = Array.from({ length: Math.min(OPEN_ORDERS, orders) }, begin);
  let pending: Append[] = [];
  while (open.length > 0) {
    const index = Math.floor(entropy.fraction() * open.length);
    const order = open[index]!;
    pending.push(appendOf(order.orderId, order.done, [order.events[order.done]!]));
    order.done += 1;
    if (order.done === order.events.length) {
      last = order.orderId;
      if (begun < orders) open[index] = begin();
      else open.splice(index, 1);
    }
    if (pending.length < APPENDS_AT_ONCE && open.length > 0) continue;
    await Promise.all(pending.map((append) => mustAppend(store, append)));
    onProgress((begun - open.length) / orders);
    pending = [];
  }
  return last;
}

/** Appends an order with so many events: its creation, and changes of its items. */
export async function fillWithLongOrder(store: EventStore, events: number): Promise<string> {
  const orderId = newId();
  const [created, changed] = life(orderId, 1);
  for (let version = 0; version < events; version += EVENTS_PER_APPEND) {
    const length = Math.min(EVENTS_PER_APPEND, events - version);
    const batch = Array.from({ length }, (_, index) => (version + index === 0 ? created! : changed!));
    await mustAppend(store, appendOf(orderId, version, batch));
  }
  return orderId;
}

function appendOf(orderId: string, version: number, events: readonly OrderEvent[]): Append {
  return {
    aggregateId: orderId,
    aggregateType: orderAggregate.aggregateType,
    expected: version === 0 ? 'none' : version,
    events: events.map(draftOf),
    now: timestampText(systemClock.now()),
    command: { key: newId(), bodyHash: '0'.repeat(64) },
  };
}

function draftOf(event: OrderEvent): EventDraft {
  const commandId = newId();
  return {
    eventId: newId(),
    ...orderEventCodec.encode(event),
    causationId: commandId,
    correlationId: newId(),
    userId: null,
    metadata: { commandId },
  };
}

async function mustAppend(store: Appending, append: Append): Promise<void> {
  const { outcome } = await store.append(append);
  if (outcome !== 'appended') throw new Error(`order ${append.aggregateId}: expected appended, found ${outcome}`);
}
