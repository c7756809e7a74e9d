import type { OrderEvent } from '@chronicle/orders-contracts';
import { BrokenOrderStreamError } from './broken-order-stream-error.js';
import { orderAggregate } from './order-aggregate.js';
import type { OrderCommand } from './order-commands.js';
import type { OrderRefusal } from './order-rules.js';
import type { OrderState, OrderStatus, RecordedOrderEvent } from './order-state.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const ids = { orderId, customerId };
const book = { productId: 'book-1', quantity: 2, unitPrice: 1999 };
const pen = { productId: 'pen-7', quantity: 1, unitPrice: 250 };

const created: OrderEvent = { type: 'OrderCreated', data: { ...ids, currency: 'EUR', items: [book] } };
const itemsUpdated: OrderEvent = { type: 'OrderItemsUpdated', data: { ...ids, items: [pen], reason: null } };
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: ids };
const shipped: OrderEvent = { type: 'OrderShipped', data: { ...ids, trackingNumber: 'JD01', carrier: 'DHL' } };
const delivered: OrderEvent = { type: 'OrderDelivered', data: { ...ids, signature: 'J. Roe' } };
const cancelled: OrderEvent = { type: 'OrderCancelled', data: { ...ids, reason: 'found it cheaper' } };

const createOrder: OrderCommand = { type: 'CreateOrder', ...ids, currency: 'EUR', items: [book] };
const updateItems: OrderCommand = { type: 'UpdateOrderItems', orderId, items: [pen], reason: null };
const confirmOrder: OrderCommand = { type: 'ConfirmOrder', orderId };
const shipOrder: OrderCommand = { type: 'ShipOrder', orderId, trackingNumber: 'JD01', carrier: 'DHL' };
const deliverOrder: OrderCommand = { type: 'DeliverOrder', orderId, signature: 'J. Roe' };
const cancelOrder: OrderCommand = { type: 'CancelOrder', orderId, reason: 'found it cheaper' };

const histories: { readonly [Status in OrderStatus]: readonly OrderEvent[] } = {
  CREATED: [created],
  CONFIRMED: [created, confirmed],
  SHIPPED: [created, confirmed, shipped],
  DELIVERED: [created, confirmed, shipped, delivered],
  CANCELLED: [created, cancelled],
};

const accepted = [
  ['CREATED', updateItems, itemsUpdated],
  ['CREATED', confirmOrder, confirmed],
  ['CONFIRMED', shipOrder, shipped],
  ['SHIPPED', deliverOrder, delivered],
  ['CREATED', cancelOrder, cancelled],
  ['CONFIRMED', cancelOrder, cancelled],
  ['SHIPPED', cancelOrder, cancelled],
] as const;

const refused = [
  ['CONFIRMED', updateItems, 'items-change-only-while-created'],
  ['SHIPPED', updateItems, 'items-change-only-while-created'],
  ['DELIVERED', updateItems, 'items-change-only-while-created'],
  ['CANCELLED', updateItems, 'items-change-only-while-created'],
  ['CONFIRMED', confirmOrder, 'confirm-only-from-created'],
  ['SHIPPED', confirmOrder, 'confirm-only-from-created'],
  ['DELIVERED', confirmOrder, 'confirm-only-from-created'],
  ['CANCELLED', confirmOrder, 'confirm-only-from-created'],
  ['CREATED', shipOrder, 'ship-only-from-confirmed'],
  ['SHIPPED', shipOrder, 'ship-only-from-confirmed'],
  ['DELIVERED', shipOrder, 'ship-only-from-confirmed'],
  ['CANCELLED', shipOrder, 'ship-only-from-confirmed'],
  ['CREATED', deliverOrder, 'deliver-only-from-shipped'],
  ['CONFIRMED', deliverOrder, 'deliver-only-from-shipped'],
  ['DELIVERED', deliverOrder, 'deliver-only-from-shipped'],
  ['CANCELLED', deliverOrder, 'deliver-only-from-shipped'],
  ['DELIVERED', cancelOrder, 'cancel-only-before-delivery'],
  ['CANCELLED', cancelOrder, 'cancel-only-once'],
] as const;

describe('orderAggregate', () => {
  it('given no order, when it is created, then it was created', () => {
    given().when(createOrder).then(created);
  });

  it.each(accepted)('given an order that is %s, when %j, then it is accepted', (status, command, event) => {
    given(...histories[status])
      .when(command)
      .then(event);
  });

  it.each(refused)('given an order that is %s, when %j, then %s', (orderStatus, command, rule) => {
    given(...histories[orderStatus])
      .when(command)
      .thenRefused({ code: 'order-rule-violated', rule, orderStatus });
  });

  it.each(Object.entries(histories))(
    'given an order that is %s, when it is created, then it exists already',
    (_, history) => {
      given(...history)
        .when(createOrder)
        .thenRefused({ code: 'order-already-exists' });
    },
  );

  it.each([updateItems, confirmOrder, shipOrder, deliverOrder, cancelOrder])(
    'given no order, when %j, then it is not found',
    (command) => given().when(command).thenRefused({ code: 'order-not-found' }),
  );

  it('given items, when they are set to equal ones, then that is an event too', () => {
    given(created, itemsUpdated).when(updateItems).then(itemsUpdated);
  });

  it('given optional fields without a value, when accepted, then they are null in the event', () => {
    given(created)
      .when({ ...cancelOrder, reason: null })
      .then({ type: 'OrderCancelled', data: { ...ids, reason: null } });
  });

  it('given a command with fields it does not have, when accepted, then the event carries its own fields only', () => {
    const smuggled = { ...createOrder, isAdmin: true, items: [{ ...book, discount: 100 }] };
    given().when(smuggled).then(created);
  });

  it('given broken items, when created, then it is refused with each violation, before anything else', () => {
    const items = [book, { productId: 'x', quantity: 0, unitPrice: -1 }];
    const violations = [
      { field: 'items.1.quantity', message: 'must be an integer from 1 to 9007199254740991' },
      { field: 'items.1.unitPrice', message: 'must be an integer from 0 to 9007199254740991' },
    ];
    given()
      .when({ ...createOrder, items })
      .thenRefused({ code: 'order-items-invalid', violations });
    given(created)
      .when({ ...createOrder, items })
      .thenRefused({ code: 'order-items-invalid', violations });
    given()
      .when({ ...updateItems, items })
      .thenRefused({ code: 'order-items-invalid', violations });
    given(...histories.SHIPPED)
      .when({ ...updateItems, items })
      .thenRefused({ code: 'order-items-invalid', violations });
  });

  it('given the state of another order, when a command is handled, then that is a mistake of the caller', () => {
    const other = 'aaaaaaaa-7a3b-7c11-9f2e-3b6d8a4c5e01';
    expect(() => orderAggregate.handle(stateAfter([created]), { ...confirmOrder, orderId: other })).toThrow(
      `ConfirmOrder names order ${other} but was given the state of order ${orderId}`,
    );
  });
});

describe('fold of an order', () => {
  it('given each event in turn, then the state tells it', () => {
    const atCreation: OrderState = {
      ...ids,
      status: 'CREATED',
      currency: 'EUR',
      items: [book],
      trackingNumber: null,
      carrier: null,
      signature: null,
      cancelReason: null,
      createdAt: timeOf(1),
      updatedAt: timeOf(1),
      version: 1,
    };
    const history = [created, itemsUpdated, confirmed, shipped, delivered];
    expect(history.map((_, n) => stateAfter(history.slice(0, n + 1)))).toStrictEqual([
      atCreation,
      { ...atCreation, items: [pen], updatedAt: timeOf(2), version: 2 },
      { ...atCreation, items: [pen], status: 'CONFIRMED', updatedAt: timeOf(3), version: 3 },
      {
        ...atCreation,
        items: [pen],
        status: 'SHIPPED',
        trackingNumber: 'JD01',
        carrier: 'DHL',
        updatedAt: timeOf(4),
        version: 4,
      },
      {
        ...atCreation,
        items: [pen],
        status: 'DELIVERED',
        trackingNumber: 'JD01',
        carrier: 'DHL',
        signature: 'J. Roe',
        updatedAt: timeOf(5),
        version: 5,
      },
    ]);
  });

  it('given a cancellation after shipping, then tracking and reason are both kept', () => {
    expect(stateAfter([...histories.SHIPPED, cancelled])).toMatchObject({
      status: 'CANCELLED',
      trackingNumber: 'JD01',
      cancelReason: 'found it cheaper',
    });
  });

  it('given stored fields that this version does not know, then the state does not take them in', () => {
    const data = { ...created.data, channel: 'phone', items: [{ ...book, shelf: 'A3' }] };
    const event = { type: 'OrderCreated', data } as OrderEvent;
    expect(stateAfter([event])).toStrictEqual(stateAfter([created]));
  });

  it('given an event that a person skipped, then the fold goes on with the next', () => {
    const state = orderAggregate.apply(stateAfter([created]), recorded(confirmed, 3));
    expect(state).toMatchObject({ status: 'CONFIRMED', version: 3 });
  });

  it('given a first event that is no creation, then the stream is broken', () => {
    expectBroken(
      () => orderAggregate.first(recorded(confirmed, 1)),
      'found OrderConfirmed at sequence 1, expected OrderCreated as the first event',
    );
  });

  it('given a creation of another order, then the stream is broken', () => {
    const moved = { ...recorded(created, 1), aggregateId: customerId };
    expectBroken(() => orderAggregate.first(moved), `expected data.orderId ${customerId}, not ${orderId}`);
  });

  it('given a second creation, then the stream is broken', () => {
    expectBroken(
      () => stateAfter([created, created]),
      'found OrderCreated at sequence 2, expected OrderCreated as the first event only',
    );
  });

  it.each([1, 2])('given a repeat at sequence %i, then the stream is broken', (sequenceNumber) => {
    const state = stateAfter([created, itemsUpdated]);
    expectBroken(
      () => orderAggregate.apply(state, recorded(confirmed, sequenceNumber)),
      'expected a sequence number above 2',
    );
  });

  it('given an event of another order, then the stream is broken', () => {
    const foreign = { ...recorded(confirmed, 2), aggregateId: customerId };
    expectBroken(() => orderAggregate.apply(stateAfter([created]), foreign), `expected an event of order ${orderId}`);
  });
});

describe('snapshot of an order', () => {
  const state = stateAfter(histories.SHIPPED);

  it('given a state, then its JSON is one', () => {
    expect(orderAggregate.isState(JSON.parse(JSON.stringify(state)))).toBe(true);
  });

  it.each(Object.keys(state))('given a state without %s, then it is none', (field) => {
    expect(orderAggregate.isState({ ...state, [field]: undefined })).toBe(false);
  });

  it.each([
    { status: 'LOST' },
    { version: 0 },
    { version: 1.5 },
    { version: '3' },
    { items: {} },
    { items: [null] },
    { items: [{ ...book, productId: 7 }] },
    { items: [{ ...book, quantity: '2' }] },
    { items: [{ productId: 'book-1', quantity: 2 }] },
    { carrier: 7 },
  ])('given a state with %j, then it is none', (broken) => {
    expect(orderAggregate.isState({ ...state, ...broken })).toBe(false);
  });

  it.each([null, undefined, 'text', 7, []])('given %j, then it is none', (value) => {
    expect(orderAggregate.isState(value)).toBe(false);
  });
});

function given(...history: readonly OrderEvent[]) {
  const state = history.length === 0 ? undefined : stateAfter(history);
  return {
    when(command: OrderCommand) {
      const decision = orderAggregate.handle(state, command);
      return {
        then: (event: OrderEvent) => expect(decision).toStrictEqual({ outcome: 'accepted', events: [event] }),
        thenRefused: (refusal: OrderRefusal) => expect(decision).toStrictEqual({ outcome: 'refused', refusal }),
      };
    },
  };
}

function stateAfter([first, ...others]: readonly OrderEvent[]): OrderState {
  return others.reduce(
    (state, event, index) => orderAggregate.apply(state, recorded(event, index + 2)),
    orderAggregate.first(recorded(first, 1)),
  );
}

function recorded(event: OrderEvent, sequenceNumber: number): RecordedOrderEvent {
  return { ...event, aggregateId: orderId, sequenceNumber, timestamp: timeOf(sequenceNumber) };
}

function timeOf(sequenceNumber: number): string {
  return `2026-11-25T19:03:21.${String(sequenceNumber).padStart(3, '0')}Z`;
}

function expectBroken(fold: () => unknown, message: string): void {
  const error = caught(fold);
  expect(error).toBeInstanceOf(BrokenOrderStreamError);
  expect(error).toMatchObject({ code: 'broken-order-stream', retryable: false });
  expect((error as Error).message).toContain(message);
}

function caught(fold: () => unknown): unknown {
  try {
    fold();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
