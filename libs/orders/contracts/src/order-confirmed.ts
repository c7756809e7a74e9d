import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract } from './event-contract.js';
import { order } from './fields.js';

const version1 = Type.Object(order);

/** The order was confirmed: its items are final. */
export interface OrderConfirmed {
  readonly type: 'OrderConfirmed';
  readonly data: DataOf<typeof version1>;
}

export const orderConfirmedContract = eventContract('OrderConfirmed', { 1: version1 });
