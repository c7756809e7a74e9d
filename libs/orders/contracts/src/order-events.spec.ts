import { violationsMax } from './event-contract.js';
import { orderEventContracts, orderEventSchemas } from './order-events.js';

const ids = { orderId: '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01', customerId: '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d' };
const items = [{ productId: 'book-1', quantity: 2, unitPrice: 1999 }];
const created = { ...ids, currency: 'EUR', items };

function violationsOf(eventType: keyof typeof orderEventContracts, data: unknown): readonly string[] {
  const contract = orderEventContracts[eventType];
  return contract.versions[contract.currentVersion].violations(data);
}

describe('contract of an event', () => {
  it('given valid data, then there are no violations', () => {
    expect(violationsOf('OrderCreated', created)).toEqual([]);
  });

  it('given an unknown field, then it is still valid: a newer writer must not stop an older reader', () => {
    expect(
      violationsOf('OrderCreated', { ...created, channel: 'phone', items: [{ ...items[0], shelf: 'A3' }] }),
    ).toEqual([]);
  });

  it.each([
    ['OrderCreated', { ...created, orderId: ids.orderId.toUpperCase() }, '/orderId'],
    ['OrderCreated', { ...created, customerId: 'c-1' }, '/customerId'],
    ['OrderCreated', { ...created, currency: 'eur' }, '/currency'],
    ['OrderCreated', { ...created, items: [] }, '/items'],
    ['OrderCreated', { ...created, items: [{ ...items[0], productId: '' }] }, '/items/0/productId'],
    ['OrderCreated', { ...created, items: [{ ...items[0], quantity: 0 }] }, '/items/0/quantity'],
    ['OrderCreated', { ...created, items: [{ ...items[0], quantity: '2' }] }, '/items/0/quantity'],
    ['OrderCreated', { ...created, items: [{ ...items[0], unitPrice: -1 }] }, '/items/0/unitPrice'],
    ['OrderCreated', { ...created, items: [{ ...items[0], unitPrice: 2 ** 53 }] }, '/items/0/unitPrice'],
    ['OrderItemsUpdated', { ...ids, items, reason: 7 }, '/reason'],
    ['OrderConfirmed', { orderId: ids.orderId, customerId: null }, '/customerId'],
    ['OrderShipped', { ...ids, trackingNumber: null, carrier: 'DHL' }, '/trackingNumber'],
    ['OrderDelivered', { ...ids, signature: '' }, '/signature'],
    ['OrderCancelled', { ...ids, reason: false }, '/reason'],
  ] as const)('given %s with %j, then the violation names %s', (eventType, data, path) => {
    const [violation, ...others] = violationsOf(eventType, data);
    expect(violation.split(' ')[0]).toBe(path);
    expect(others).toEqual([]);
  });

  it('given an absent field, then it is a violation even where null is allowed', () => {
    expect(violationsOf('OrderCancelled', ids)[0]).toMatch(/^\/reason /);
  });

  it.each([null, undefined, 'text', 7, [created]])(
    'given %j instead of an object, then the violation names the root',
    (data) => {
      expect(violationsOf('OrderConfirmed', data)[0]).toMatch(/^\/ /);
    },
  );

  it('given many broken items, then at most violationsMax are listed', () => {
    const broken = Array.from({ length: 200 }, () => ({ productId: 1, quantity: 0, unitPrice: -1 }));
    expect(violationsOf('OrderCreated', { ...created, items: broken })).toHaveLength(violationsMax);
  });

  it('given a broken value, then no violation repeats it: data of customers stays out of logs', () => {
    expect(violationsOf('OrderDelivered', { ...ids, customerId: 'Jane Roe', signature: 4711 }).join()).not.toMatch(
      /Jane|4711/,
    );
  });
});

describe('orderEventSchemas', () => {
  it('lists every version ever released', () => {
    expect(Object.keys(orderEventSchemas())).toEqual([
      'OrderCreated/1',
      'OrderCreated/2',
      'OrderItemsUpdated/1',
      'OrderConfirmed/1',
      'OrderShipped/1',
      'OrderDelivered/1',
      'OrderCancelled/1',
    ]);
  });

  it('gives plain JSON Schema 2020-12 under its own URI', () => {
    expect(orderEventSchemas()['OrderDelivered/1']).toStrictEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:chronicle:orders:OrderDelivered:1',
      title: 'OrderDelivered version 1',
      type: 'object',
      required: ['orderId', 'customerId', 'signature'],
      properties: {
        orderId: expect.objectContaining({ type: 'string' }),
        customerId: expect.objectContaining({ type: 'string' }),
        signature: { anyOf: [{ minLength: 1, type: 'string' }, { type: 'null' }] },
      },
    });
  });
});
