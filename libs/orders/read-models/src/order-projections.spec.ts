import {
  type OrderCommand,
  type OrderState,
  type RecordedOrderEvent,
  orderAggregate,
  orderView,
} from '@chronicle/orders-domain';
import fc from 'fast-check';
import {
  orderProjections,
  orderReadModel,
  ordersByCustomer,
  ordersByStatus,
  type OrderProjection,
} from './order-projections.js';
import { orderFromRow } from './order-row.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const textOrNull = fc.option(text);
const item = fc.record(
  { productId: text, quantity: fc.integer({ min: 1, max: 1000 }), unitPrice: fc.nat() },
  { noNullPrototype: true },
);
const items = fc.array(item, { minLength: 1, maxLength: 4 });

// Random commands after a creation; what the aggregate refuses leaves no event, so every history is one that can happen.
const changes: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.tuple(items, textOrNull).map(([items, reason]) => ({ type: 'UpdateOrderItems' as const, orderId, items, reason })),
  { weight: 3, arbitrary: fc.constant({ type: 'ConfirmOrder' as const, orderId }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(text, text)
      .map(([trackingNumber, carrier]) => ({ type: 'ShipOrder' as const, orderId, trackingNumber, carrier })),
  },
  { weight: 3, arbitrary: textOrNull.map((signature) => ({ type: 'DeliverOrder' as const, orderId, signature })) },
  textOrNull.map((reason) => ({ type: 'CancelOrder' as const, orderId, reason })),
);
const histories = fc
  .tuple(items, fc.array(changes, { maxLength: 20, size: 'max' }))
  .map(([items, commands]) =>
    historyOf([{ type: 'CreateOrder', orderId, customerId, currency: 'EUR', items }, ...commands]),
  );

describe.each(orderProjections.map((projection) => [projection.table.name, projection] as const))(
  '%s',
  (_, projection) => {
    it('given any history, then its state is the fold of the aggregate after every event', () => {
      fc.assert(
        fc.property(histories, (history) => {
          expect(prefixesOf(projection, history)).toStrictEqual(aggregateStates(history));
        }),
      );
    });

    it('given any state, then it is one row with all columns, and the row is the order as the API answers it', () => {
      fc.assert(
        fc.property(histories, (history) => {
          for (const state of prefixesOf(projection, history)) {
            const rows = projection.rows(state);
            expect(rows).toHaveLength(1);
            expect(Object.keys(rows[0])).toEqual(Object.keys(projection.table.columns));
            expect(JSON.stringify(orderFromRow(rows[0]))).toBe(JSON.stringify(orderView(state)));
          }
        }),
      );
    });

    it('has the id of the order in its key, and only columns of its table', () => {
      const { partitionKey, clusteringKey, columns } = projection.table;
      const key = [...partitionKey, ...clusteringKey.map(({ column }) => column)];
      expect(key).toContain('order_id');
      expect(Object.keys(columns)).toEqual(expect.arrayContaining(key));
    });

    it('given an order that was never created, then its stream is broken', () => {
      const event = { ...base(2), type: 'OrderConfirmed' as const, data: { orderId, customerId } };
      expect(() => projection.evolve(undefined, event)).toThrow('expected OrderCreated as the first event');
    });
  },
);

describe('the three tables', () => {
  it('are filled by the consumer group of their app and keyed for their question', () => {
    const newestFirst = [
      { column: 'created_at', order: 'desc' },
      { column: 'order_id', order: 'desc' },
    ];
    expect(
      orderProjections.map(({ group, table }) => [group, table.name, table.partitionKey, table.clusteringKey]),
    ).toEqual([
      ['order-read-model-projection', 'order_read_model', ['order_id'], []],
      ['orders-by-customer-projection', 'orders_by_customer', ['customer_id'], newestFirst],
      ['orders-by-status-projection', 'orders_by_status', ['status'], newestFirst],
    ]);
    expect(orderProjections).toEqual([orderReadModel, ordersByCustomer, ordersByStatus]);
  });

  it('given a change of status, then the row of orders_by_status has a new key', () => {
    const item = { productId: 'book-1', quantity: 2, unitPrice: 1999 };
    const [created, confirmed] = historyOf([
      { type: 'CreateOrder', orderId, customerId, currency: 'EUR', items: [item] },
      { type: 'ConfirmOrder', orderId },
    ]);
    const before = ordersByStatus.evolve(undefined, created);
    const after = ordersByStatus.evolve(before, confirmed);
    expect(ordersByStatus.rows(before)[0]).toMatchObject({ status: 'CREATED', created_at: created.timestamp });
    expect(ordersByStatus.rows(after)).toStrictEqual([
      {
        order_id: orderId,
        customer_id: customerId,
        status: 'CONFIRMED',
        currency: 'EUR',
        items: '[{"productId":"book-1","quantity":2,"unitPrice":1999}]',
        total: 3998,
        tracking_number: null,
        carrier: null,
        signature: null,
        cancel_reason: null,
        created_at: '2026-11-25T19:03:11.000Z',
        updated_at: '2026-11-25T19:03:12.000Z',
        version: 2,
      },
    ]);
  });
});

function historyOf(commands: readonly OrderCommand[]): readonly RecordedOrderEvent[] {
  const history: RecordedOrderEvent[] = [];
  for (const command of commands) {
    const decision = orderAggregate.handle(aggregateStates(history).at(-1), command);
    if (decision.outcome === 'accepted') history.push({ ...decision.events[0], ...base(history.length + 1) });
  }
  return history;
}

function aggregateStates(history: readonly RecordedOrderEvent[]): readonly OrderState[] {
  const states: OrderState[] = [];
  for (const event of history) {
    const state = states.at(-1);
    states.push(state === undefined ? orderAggregate.first(event) : orderAggregate.apply(state, event));
  }
  return states;
}

/** The states of the projection, each taken from the JSON of the one before, as the runtime keeps it. */
function prefixesOf(projection: OrderProjection, history: readonly RecordedOrderEvent[]): readonly OrderState[] {
  let kept: string | undefined;
  return history.map((event) => {
    const state = projection.evolve(kept === undefined ? undefined : (JSON.parse(kept) as OrderState), event);
    kept = JSON.stringify(state);
    return state;
  });
}

function base(sequenceNumber: number) {
  return { aggregateId: orderId, sequenceNumber, timestamp: `2026-11-25T19:03:${sequenceNumber + 10}.000Z` };
}
