import { readFields } from '@chronicle/service-host';
import { CancelBody, ConfirmBody, CreateOrderBody, DeliverBody, ShipBody, UpdateItemsBody } from './order-bodies.js';

const bodies = { CreateOrderBody, UpdateItemsBody, ConfirmBody, ShipBody, DeliverBody, CancelBody };
type Name = keyof typeof bodies;

const max = Number.MAX_SAFE_INTEGER;
const item = { productId: 'book-1', quantity: 2, unitPrice: 1999 };
const create = { customerId: '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d', currency: 'EUR', items: [item] };
const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';

/** Each violation as `field: message`. */
function violationsOf(name: Name, body: unknown): string[] {
  const outcome = readFields<object>(bodies[name], body);
  return 'value' in outcome ? [] : outcome.violations.map(({ field, message }) => `${field}: ${message}`);
}

function withItem(change: object) {
  return { ...create, items: [item, { ...item, ...change }] };
}

describe('bodies that are taken', () => {
  it.each<[Name, object, object]>([
    ['CreateOrderBody', create, { ...create, orderId: null }],
    ['CreateOrderBody', { ...create, orderId: null }, { ...create, orderId: null }],
    ['CreateOrderBody', { ...create, orderId: orderId.toUpperCase() }, { ...create, orderId }],
    ['CreateOrderBody', { ...create, customerId: create.customerId.toUpperCase() }, { ...create, orderId: null }],
    ['CreateOrderBody', { ...create, items: [item, item] }, { ...create, orderId: null, items: [item, item] }],
    ['UpdateItemsBody', { items: [item] }, { items: [item], reason: null }],
    ['UpdateItemsBody', { items: [item], reason: null }, { items: [item], reason: null }],
    ['ConfirmBody', {}, {}],
    ['ShipBody', { trackingNumber: 'T1', carrier: 'DHL' }, { trackingNumber: 'T1', carrier: 'DHL' }],
    ['DeliverBody', {}, { signature: null }],
    ['DeliverBody', { signature: 'Jo' }, { signature: 'Jo' }],
    ['CancelBody', { reason: '😀'.repeat(1000) }, { reason: '😀'.repeat(1000) }],
  ])('given %s %.60j, then it is read', (name, body, expected) => {
    expect(readFields<object>(bodies[name], body)).toEqual({ value: expected });
  });

  it.each([
    ['200 items', Array.from({ length: 200 }, () => item)],
    ['a price of nothing', [{ ...item, unitPrice: 0 }]],
    ['the largest numbers there are', [{ ...item, quantity: 1, unitPrice: max }]],
    [
      'a sum of exactly 2^53 − 1',
      [
        { ...item, quantity: 1, unitPrice: max - 1 },
        { ...item, quantity: 1, unitPrice: 1 },
      ],
    ],
    ['a product of 100 characters beyond the basic plane', [{ ...item, productId: '😀'.repeat(100) }]],
  ])('given %s, then it is read', (_, items) => {
    expect(violationsOf('CreateOrderBody', { ...create, items })).toEqual([]);
  });
});

describe('bodies that are refused', () => {
  it.each<[string, Name, unknown, string[]]>([
    ['no object', 'CreateOrderBody', [create], [': must be an object']],
    ['null', 'ConfirmBody', null, [': must be an object']],
    [
      'nothing in it',
      'CreateOrderBody',
      {},
      ['customerId: is required', 'currency: is required', 'items: is required'],
    ],
    ['an unknown field', 'CreateOrderBody', { ...create, note: 1 }, ['note: is not known here']],
    ['an unknown field', 'ConfirmBody', { reason: 'x' }, ['reason: is not known here']],
    ['an unknown field of an item', 'CreateOrderBody', withItem({ price: 1 }), ['items.1.price: is not known here']],
    ['an id that is no UUID', 'CreateOrderBody', { ...create, orderId: 'o-1' }, ['orderId: must be a UUID']],
    ['a number as a customer', 'CreateOrderBody', { ...create, customerId: 7 }, ['customerId: must be a UUID']],
    ['null as a customer', 'CreateOrderBody', { ...create, customerId: null }, ['customerId: must be a UUID']],
    ['no items', 'CreateOrderBody', { ...create, items: [] }, ['items: must be a list of 1 to 200 items']],
    [
      '201 items',
      'UpdateItemsBody',
      { items: Array.from({ length: 201 }, () => item) },
      ['items: must be a list of 1 to 200 items'],
    ],
    ['items that are no list', 'UpdateItemsBody', { items: { 0: item } }, ['items: must be a list of 1 to 200 items']],
    [
      'a text as quantity',
      'CreateOrderBody',
      withItem({ quantity: '2' }),
      ['items.1.quantity: must be a whole number from 1 to 9007199254740991'],
    ],
    [
      'a quantity of 0',
      'CreateOrderBody',
      withItem({ quantity: 0 }),
      ['items.1.quantity: must be a whole number from 1 to 9007199254740991'],
    ],
    [
      'a fraction',
      'CreateOrderBody',
      withItem({ quantity: 1.5 }),
      ['items.1.quantity: must be a whole number from 1 to 9007199254740991'],
    ],
    [
      'a negative price',
      'CreateOrderBody',
      withItem({ unitPrice: -1 }),
      ['items.1.unitPrice: must be a whole number from 0 to 9007199254740991'],
    ],
    [
      'true as a price',
      'CreateOrderBody',
      withItem({ unitPrice: true }),
      ['items.1.unitPrice: must be a whole number from 0 to 9007199254740991'],
    ],
    [
      'an empty product',
      'CreateOrderBody',
      withItem({ productId: '' }),
      ['items.1.productId: must be 1 to 100 characters'],
    ],
    [
      'a product of 101 characters',
      'CreateOrderBody',
      withItem({ productId: 'a'.repeat(101) }),
      ['items.1.productId: must be 1 to 100 characters'],
    ],
    ['a missing carrier', 'ShipBody', { trackingNumber: 'T1' }, ['carrier: is required']],
    ['null as a carrier', 'ShipBody', { trackingNumber: 'T1', carrier: null }, ['carrier: must be a text']],
    ['an empty reason', 'CancelBody', { reason: '' }, ['reason: must be 1 to 1000 characters']],
    [
      'a reason of 1001 characters',
      'CancelBody',
      { reason: '😀'.repeat(1001) },
      ['reason: must be 1 to 1000 characters'],
    ],
    ['a number as signature', 'DeliverBody', { signature: 7 }, ['signature: must be a text']],
  ])('given %s in %s, then the field is named and what it must be', (_, name, body, expected) => {
    expect(violationsOf(name, body)).toEqual(expected);
  });

  it.each([2 ** 53, 1e300, max + 1])('given %d as a number, then it is too large', (unitPrice) => {
    expect(violationsOf('CreateOrderBody', withItem({ unitPrice }))[0]).toMatch(/^items\.1\.unitPrice: /);
  });

  it.each([
    ['one line', [{ ...item, quantity: 2, unitPrice: max }]],
    [
      'the sum',
      [
        { ...item, quantity: 1, unitPrice: max },
        { ...item, quantity: 1, unitPrice: 1 },
      ],
    ],
  ])('given %s beyond 2^53 − 1, then the items are named', (_, items) => {
    expect(violationsOf('UpdateItemsBody', { items })).toEqual([
      'items: must add up to a total of at most 9007199254740991',
    ]);
  });

  it.each(['eur', 'EURO', 'EU', '', 'ZZZ', 'E1R', ' EUR', 978, null])(
    'given %j as currency, then it is refused',
    (currency) => {
      expect(violationsOf('CreateOrderBody', { ...create, currency })).toEqual([
        'currency: must be a currency code of ISO 4217 in upper case, such as EUR',
      ]);
    },
  );

  it.each(['\u0000', '\t', '\n', '\u001f', '\u007f', '\u0080', '\u009f', '\ud800', '\udc00', '\udc00\ud800'])(
    'given %j in any text, then it is refused',
    (bad) => {
      const text = `a${bad}b`;
      const sent: [Name, unknown][] = [
        ['CreateOrderBody', withItem({ productId: text })],
        ['ShipBody', { trackingNumber: text, carrier: 'DHL' }],
        ['ShipBody', { trackingNumber: 'T1', carrier: text }],
        ['DeliverBody', { signature: text }],
        ['CancelBody', { reason: text }],
        ['UpdateItemsBody', { items: [item], reason: text }],
      ];
      for (const [name, body] of sent) {
        expect(violationsOf(name, body)).toEqual([expect.stringContaining('must be without control characters')]);
      }
    },
  );
});
