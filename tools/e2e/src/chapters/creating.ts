import { randomUUID } from 'node:crypto';
import { accepted, invalid, json, problem } from '../answers.js';
import { BOOK, creation, place } from '../orders.js';
import type { OrderView } from '../orders.js';
import { shared } from '../system-under-test.js';

const create = (fields: Record<string, unknown> = {}) => shared().commands.post('/v1/orders', creation(fields));
const itemsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ ...BOOK, productId: `p-${index}` }));

/** POST /v1/orders: what it takes, what it answers. */
export function creating(): void {
  describe('creating an order', () => {
    it('answers 201 with Location, ETag, and an id of version 7 that the server made', async () => {
      const { orderId, version, commandId } = accepted(await create(), 201);
      expect(version).toBe(1);
      expect(orderId[14]).toBe('7');
      expect(commandId[14]).toBe('7');
    });

    it('takes the id that the client chose, in either case, and answers it in lower case', async () => {
      const orderId = randomUUID().toUpperCase();
      expect(accepted(await create({ orderId }), 201).orderId).toBe(orderId.toLowerCase());
    });

    it.each(['v1 c232ab00-9414-11ec-b3c8-9f6bdeced846', 'v5 2ed6657d-e927-568b-95e1-2665a8aea6a2'])(
      'takes a UUID of another version: %s',
      async (text) => {
        const customerId = text.split(' ')[1]!;
        const { orderId } = accepted(await create({ customerId }), 201);
        expect(json<OrderView>(await shared().commands.get(`/v1/orders/${orderId}/state`)).customerId).toBe(customerId);
      },
    );

    it('given null for the id, makes one', async () => {
      accepted(await create({ orderId: null }), 201);
    });

    it('given an id that exists, answers 409 order-already-exists', async () => {
      const { orderId } = await place();
      problem(await create({ orderId }), 409, 'order-already-exists');
      problem(await create({ orderId: orderId.toUpperCase() }), 409, 'order-already-exists');
    });

    it.each([
      ['200 items', { items: itemsOf(200) }],
      ['a price of nothing', { items: [{ ...BOOK, unitPrice: 0 }] }],
      ['the same product twice', { items: [BOOK, BOOK] }],
      ['a product id of 100 characters', { items: [{ ...BOOK, productId: 'x'.repeat(100) }] }],
      ['100 characters outside the basic plane', { items: [{ ...BOOK, productId: '🦊'.repeat(100) }] }],
      ['the largest integer', { items: [{ ...BOOK, quantity: 1, unitPrice: Number.MAX_SAFE_INTEGER }] }],
      ['a currency of no minor unit', { currency: 'JPY' }],
    ])('takes %s', async (_name, fields) => {
      accepted(await create(fields), 201);
    });

    it.each<[string, Record<string, unknown>, string[]]>([
      ['no customer', { customerId: undefined }, ['customerId']],
      ['null for a required field', { customerId: null }, ['customerId']],
      ['a customer that is no UUID', { customerId: 'me' }, ['customerId']],
      ['an order id that is no UUID', { orderId: 'mine' }, ['orderId']],
      ['no currency', { currency: undefined }, ['currency']],
      ['a currency in lower case', { currency: 'eur' }, ['currency']],
      ['a currency of four letters', { currency: 'EURO' }, ['currency']],
      ['a currency that ISO 4217 does not know', { currency: 'ABC' }, ['currency']],
      ['no items', { items: undefined }, ['items']],
      ['an empty list of items', { items: [] }, ['items']],
      ['201 items', { items: itemsOf(201) }, ['items']],
      ['items that are no list', { items: { 0: BOOK } }, ['items']],
      ['an item that is null', { items: [null] }, ['items.0']],
      ['a quantity of 0', { items: [BOOK, { ...BOOK, quantity: 0 }] }, ['items.1.quantity']],
      ['a quantity in a text', { items: [{ ...BOOK, quantity: '2' }] }, ['items.0.quantity']],
      ['a broken quantity', { items: [{ ...BOOK, quantity: 1.5 }] }, ['items.0.quantity']],
      ['a negative price', { items: [{ ...BOOK, unitPrice: -1 }] }, ['items.0.unitPrice']],
      ['a price beyond 2^53 - 1', { items: [{ ...BOOK, unitPrice: 2 ** 53 }] }, ['items.0.unitPrice']],
      ['an empty product id', { items: [{ ...BOOK, productId: '' }] }, ['items.0.productId']],
      ['a product id of 101 characters', { items: [{ ...BOOK, productId: 'x'.repeat(101) }] }, ['items.0.productId']],
      ['a control character (C0)', { items: [{ ...BOOK, productId: 'a\u0000' }] }, ['items.0.productId']],
      ['a control character (DEL)', { items: [{ ...BOOK, productId: 'a\u007f' }] }, ['items.0.productId']],
      ['a control character (C1)', { items: [{ ...BOOK, productId: 'a\u0085' }] }, ['items.0.productId']],
      ['half a surrogate pair', { items: [{ ...BOOK, productId: 'a\ud800' }] }, ['items.0.productId']],
      ['two faults', { currency: 'x', items: [{ ...BOOK, quantity: 0 }] }, ['currency', 'items.0.quantity']],
    ])('given %s, answers 422 and names the fields', async (_name, fields, named) => {
      expect(invalid(await create(fields)).sort()).toEqual(named);
    });

    it('given a field that it does not know, names it', async () => {
      expect(invalid(await create({ discount: 5 })).join()).toContain('discount');
      expect(invalid(await create({ items: [{ ...BOOK, colour: 'red' }] })).join()).toContain('colour');
    });

    it('given a total beyond 2^53 - 1, answers 422', async () => {
      invalid(await create({ items: [{ ...BOOK, quantity: 2, unitPrice: Number.MAX_SAFE_INTEGER }] }));
      const half = { ...BOOK, quantity: 1, unitPrice: 2 ** 52 };
      invalid(await create({ items: [half, half] }));
    });

    it('given more than 50 faults, names 50', async () => {
      const items = itemsOf(200).map((item) => ({ ...item, quantity: 0 }));
      expect(invalid(await create({ items }))).toHaveLength(50);
    });

    it.each(['[]', '"text"', '1', 'null', 'true'])('given a body that is no object, %s, answers 422', async (raw) => {
      const headers = { 'content-type': 'application/json' };
      invalid(await shared().commands.send('POST', '/v1/orders', { raw, headers }));
    });

    it('given no body at all, or an empty one, takes it as {} and names what is missing', async () => {
      expect(invalid(await shared().commands.send('POST', '/v1/orders')).sort()).toEqual([
        'currency',
        'customerId',
        'items',
      ]);
      const headers = { 'content-type': 'application/json' };
      invalid(await shared().commands.send('POST', '/v1/orders', { raw: '', headers }));
    });
  });
}
