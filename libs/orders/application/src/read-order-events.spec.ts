import {
  sealEvents,
  EMPTY_STREAM,
  type EventStore,
  type LoadRange,
  type StoredEvent,
} from '@chronicle/event-sourcing-core';
import { orderEventCodec } from './order-registration.js';
import { ReadOrderEvents } from './read-order-events.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const everybody = { customerId: null, everyCustomer: true };

/** A stream that begins with a creation of version 1, as it was stored before prices were recorded. */
const stream = sealEvents(
  { aggregateId: orderId, aggregateType: 'Order' },
  EMPTY_STREAM,
  [
    draft('OrderCreated', { orderId, customerId, items: [{ productId: 'a', quantity: 2 }] }),
    draft('OrderConfirmed', { orderId, customerId }),
    draft('OrderCancelled', { orderId, customerId, reason: null }),
  ],
  '2026-11-25T19:03:21.123Z',
);

function draft(eventType: string, data: object) {
  const ids = { eventId: orderId, causationId: orderId, correlationId: orderId };
  return {
    ...ids,
    eventType,
    eventVersion: 1,
    eventData: JSON.stringify(data),
    userId: null,
    metadata: { commandId: orderId },
  };
}

const store = {
  async *load(id: string, { from = 1, to = Infinity }: LoadRange = {}): AsyncIterable<readonly StoredEvent[]> {
    if (id === orderId)
      for (const event of stream) if (event.sequenceNumber >= from && event.sequenceNumber <= to) yield [event];
  },
} as unknown as EventStore;

const trail = new ReadOrderEvents(store, orderEventCodec);
const sequences = (result: Awaited<ReturnType<ReadOrderEvents['execute']>>) =>
  result.outcome === 'page' ? [result.events.map((event) => event.sequenceNumber), result.nextFrom] : result.outcome;

describe('ReadOrderEvents', () => {
  it.each([
    [1, 50, [[1, 2, 3], null]],
    [1, 3, [[1, 2, 3], null]],
    [1, 2, [[1, 2], 3]],
    [2, 1, [[2], 3]],
    [3, 1, [[3], null]],
    [4, 50, [[], null]],
    [Number.MAX_SAFE_INTEGER, 200, [[], null]],
  ])('given from %d and limit %d, then the page is %j', async (from, limit, expected) => {
    expect(sequences(await trail.execute({ orderId, access: everybody, from, limit }))).toEqual(expected);
  });

  it('given an event of an older version, then its data is in today’s, and so says its version', async () => {
    const result = await trail.execute({ orderId, access: everybody, from: 1, limit: 1 });
    expect(result).toEqual({
      outcome: 'page',
      events: [
        {
          ...stream[0],
          eventVersion: 2,
          eventData: { orderId, customerId, currency: 'XXX', items: [{ productId: 'a', quantity: 2, unitPrice: 0 }] },
        },
      ],
      nextFrom: 2,
    });
  });

  it.each([1, 4])(
    'given from %d, then an order of somebody else is answered like one that does not exist',
    async (from) => {
      const access = { customerId: orderId, everyCustomer: false };
      const absent = await trail.execute({ orderId: customerId, access, from, limit: 50 });
      expect(absent).toEqual({ outcome: 'not-found' });
      expect(await trail.execute({ orderId, access, from, limit: 50 })).toEqual(absent);
    },
  );
});
