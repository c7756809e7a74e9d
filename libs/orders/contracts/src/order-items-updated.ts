import { Type } from '@sinclair/typebox';
import { type DataOf, eventContract } from './event-contract.js';
import { items, optionalText, order } from './fields.js';

const version1 = Type.Object({ ...order, items, reason: optionalText });

/** The items were replaced by `items`, all of them, perhaps by equal ones; `reason` is null when none was given. */
export interface OrderItemsUpdated {
  readonly type: 'OrderItemsUpdated';
  readonly data: DataOf<typeof version1>;
}

export const orderItemsUpdatedContract = eventContract('OrderItemsUpdated', { 1: version1 });
