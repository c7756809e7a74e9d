import { orderItemsMax, orderItemsViolations } from './order-items.js';

const max = Number.MAX_SAFE_INTEGER;
const item = { productId: 'book-1', quantity: 2, unitPrice: 1999 };
const count = (n: number) => Array.from({ length: n }, () => item);

describe('orderItemsViolations', () => {
  it.each([
    ['one item', count(1)],
    ['as many items as allowed, the same product in all', count(orderItemsMax)],
    ['a quantity of 1', [{ ...item, quantity: 1 }]],
    ['a price of 0', [{ ...item, unitPrice: 0 }]],
    ['the largest quantity, given away', [{ ...item, quantity: max, unitPrice: 0 }]],
    [
      'a total of exactly 2^53 - 1',
      [
        { ...item, quantity: 1, unitPrice: max - 2 },
        { ...item, quantity: 2, unitPrice: 1 },
      ],
    ],
  ])('given %s, then none', (_, items) => expect(orderItemsViolations(items)).toEqual([]));

  it.each([
    ['no item', [], 'items', 'must have 1 to 200 items'],
    ['one item too many', count(orderItemsMax + 1), 'items', 'must have 1 to 200 items'],
    ['a quantity of 0', [{ ...item, quantity: 0 }], 'items.0.quantity', `must be an integer from 1 to ${max}`],
    ['half a piece', [item, { ...item, quantity: 0.5 }], 'items.1.quantity', `must be an integer from 1 to ${max}`],
    ['a quantity of 2^53', [{ ...item, quantity: max + 1 }], 'items.0.quantity', `must be an integer from 1 to ${max}`],
    [
      'a quantity that is no number',
      [{ ...item, quantity: NaN }],
      'items.0.quantity',
      `must be an integer from 1 to ${max}`,
    ],
    ['a negative price', [{ ...item, unitPrice: -1 }], 'items.0.unitPrice', `must be an integer from 0 to ${max}`],
    [
      'an infinite price',
      [{ ...item, unitPrice: Infinity }],
      'items.0.unitPrice',
      `must be an integer from 0 to ${max}`,
    ],
    [
      'a product beyond 2^53 - 1',
      [{ ...item, quantity: 2, unitPrice: 2 ** 52 }],
      'items',
      `must add up to a total of at most ${max}`,
    ],
    [
      'a sum beyond 2^53 - 1',
      [
        { ...item, quantity: 1, unitPrice: max },
        { ...item, quantity: 1, unitPrice: 1 },
      ],
      'items',
      `must add up to a total of at most ${max}`,
    ],
    [
      '200 items of the largest price',
      count(200).map(() => ({ ...item, unitPrice: max })),
      'items',
      `must add up to a total of at most ${max}`,
    ],
  ])('given %s, then it is named', (_, items, field, message) => {
    expect(orderItemsViolations(items)).toEqual([{ field, message }]);
  });

  it('given a text for a number, then it is named', () => {
    const items = JSON.parse('[{"productId":"book-1","quantity":"2","unitPrice":1}]') as (typeof item)[];
    expect(orderItemsViolations(items).map(({ field }) => field)).toEqual(['items.0.quantity']);
  });
});
