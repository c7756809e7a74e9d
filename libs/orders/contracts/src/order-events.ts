import type { EventContract, JsonSchema } from './event-contract.js';
import { orderCancelledContract, type OrderCancelled } from './order-cancelled.js';
import { orderConfirmedContract, type OrderConfirmed } from './order-confirmed.js';
import { orderCreatedContract, type OrderCreated } from './order-created.js';
import { orderDeliveredContract, type OrderDelivered } from './order-delivered.js';
import { orderItemsUpdatedContract, type OrderItemsUpdated } from './order-items-updated.js';
import { orderShippedContract, type OrderShipped } from './order-shipped.js';

/** Everything that can have happened to an order, in the current version of each event. */
export type OrderEvent =
  OrderCreated | OrderItemsUpdated | OrderConfirmed | OrderShipped | OrderDelivered | OrderCancelled;

export type OrderEventType = OrderEvent['type'];

/** One line of an order: `quantity` pieces at `unitPrice` minor units of the order's currency each. */
export type OrderItem = OrderCreated['data']['items'][number];

/** The contract of every event type of an order; fits event-sourcing-core's `EventContracts` by shape. */
export const orderEventContracts: { readonly [Type in OrderEventType]: EventContract } = {
  OrderCreated: orderCreatedContract,
  OrderItemsUpdated: orderItemsUpdatedContract,
  OrderConfirmed: orderConfirmedContract,
  OrderShipped: orderShippedContract,
  OrderDelivered: orderDeliveredContract,
  OrderCancelled: orderCancelledContract,
};

/** The JSON Schema of every version ever released, keyed `<event type>/<version>` (`OrderCreated/2`), for readers in any
 *  language. They are plain JSON; the `$id` of each is what `orderEventSchemaId` says. */
export function orderEventSchemas(): { readonly [typeAndVersion: string]: JsonSchema } {
  const schemas: { [typeAndVersion: string]: JsonSchema } = {};
  for (const [eventType, contract] of Object.entries(orderEventContracts)) {
    for (const [version, { schema }] of Object.entries(contract.versions)) schemas[`${eventType}/${version}`] = schema;
  }
  return schemas;
}
