import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract } from './event-contract.js';
import { optionalText, order } from './fields.js';

const version1 = Type.Object({ ...order, reason: optionalText });

/** The order was cancelled; `reason` is null when none was given. */
export interface OrderCancelled {
  readonly type: 'OrderCancelled';
  readonly data: DataOf<typeof version1>;
}

export const orderCancelledContract = eventContract('OrderCancelled', { 1: version1 });
