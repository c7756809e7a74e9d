import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract, upcaster } from './event-contract.js';
import { currency, items, order, productId, quantity } from './fields.js';

const version1 = Type.Object({
  ...order,
  items: Type.Array(Type.Object({ productId, quantity }), { minItems: 1 }),
});

const version2 = Type.Object({ ...order, currency, items });

/** A customer has placed an order: the first event of every order, and first only. */
export interface OrderCreated {
  readonly type: 'OrderCreated';
  readonly data: DataOf<typeof version2>;
}

/** Version 1 knew no prices. An order of that time gets the price 0, which keeps every total defined, and the currency `XXX`,
 *  ISO 4217's code for "no currency involved": so a reader can tell a price that was never recorded from a gift of 0.00 EUR, and
 *  no sum over orders of a real currency counts it. */
const from1To2 = upcaster<typeof version1, typeof version2>((data) => ({
  ...data,
  currency: 'XXX',
  items: data.items.map((item) => ({ ...item, unitPrice: 0 })),
}));

export const orderCreatedContract = eventContract('OrderCreated', { 1: version1, 2: version2 }, { 1: from1To2 });
