import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract } from './event-contract.js';
import { optionalText, order } from './fields.js';

const version1 = Type.Object({ ...order, signature: optionalText });

/** The order reached its customer; `signature` is null when none was taken. */
export interface OrderDelivered {
  readonly type: 'OrderDelivered';
  readonly data: DataOf<typeof version1>;
}

export const orderDeliveredContract = eventContract('OrderDelivered', { 1: version1 });
