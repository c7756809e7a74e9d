import { BrokenOrderRowError, orderFromRow, orderRow } from './order-row.js';

const row = orderRow({
  orderId: '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01',
  customerId: '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  status: 'CANCELLED',
  currency: 'EUR',
  items: [{ productId: 'book-1', quantity: 2, unitPrice: 1999 }],
  trackingNumber: 'JD01',
  carrier: 'DHL',
  signature: null,
  cancelReason: 'found it cheaper',
  createdAt: '2026-11-25T19:03:21.001Z',
  updatedAt: '2026-11-25T19:03:21.004Z',
  version: 4,
});

describe('orderFromRow', () => {
  it('given a row, then it is the order with the fields of the API in their order', () => {
    expect(JSON.stringify(orderFromRow(row))).toBe(
      '{"orderId":"01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01","customerId":"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",' +
        '"status":"CANCELLED","currency":"EUR","items":[{"productId":"book-1","quantity":2,"unitPrice":1999}],' +
        '"total":3998,"trackingNumber":"JD01","carrier":"DHL","signature":null,"cancelReason":"found it cheaper",' +
        '"createdAt":"2026-11-25T19:03:21.001Z","updatedAt":"2026-11-25T19:03:21.004Z","version":4}',
    );
  });

  it('given columns of a newer table that it does not know, then they are left out', () => {
    expect(orderFromRow({ ...row, gift_note: 'hello' })).toStrictEqual(orderFromRow(row));
  });

  it.each([
    ['order_id', null, 'a text'],
    ['customer_id', 7, 'a text'],
    ['status', 'LOST', 'one of CREATED, CONFIRMED, SHIPPED, DELIVERED, CANCELLED'],
    ['items', 'no JSON', 'the JSON text of an array'],
    ['items', '{}', 'the JSON text of an array'],
    ['items', null, 'a text'],
    ['total', '3998', 'a safe integer'],
    ['total', 2 ** 53, 'a safe integer'],
    ['carrier', 7, 'a text'],
    ['version', null, 'a safe integer'],
  ] as const)('given %s %j, then the row is broken', (column, value, expected) => {
    const broken = { ...row, [column]: value };
    expect(() => orderFromRow(broken)).toThrow(new BrokenOrderRowError(String(broken.order_id), column, expected));
  });

  it('given a row without a column, then the row is broken: absent is not null', () => {
    const { signature: _, ...without } = row;
    expect(() => orderFromRow(without)).toThrow(
      `row of order ${row.order_id}: column signature is not a text; \`cli verify\` names every such row`,
    );
  });
});
