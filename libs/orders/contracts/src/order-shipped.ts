import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract } from './event-contract.js';
import { order, text } from './fields.js';

const version1 = Type.Object({ ...order, trackingNumber: text, carrier: text });

/** The order was handed to a carrier. */
export interface OrderShipped {
  readonly type: 'OrderShipped';
  readonly data: DataOf<typeof version1>;
}

export const orderShippedContract = eventContract('OrderShipped', { 1: version1 });
