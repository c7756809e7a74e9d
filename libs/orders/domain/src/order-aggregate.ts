import type { OrderEvent } from '@chronicle/orders-contracts';
import type { CreateOrder, OrderCommand } from './order-commands.js';
import { copyItems, orderItemsViolations } from './order-items.js';
import { brokenRule, type OrderChange, type OrderRefusal } from './order-rules.js';
import { isOrderState, orderSnapshotVersion } from './order-snapshot.js';
import { firstOrderState, nextOrderState, type OrderState } from './order-state.js';

/** What became of a command: exactly one event, or the reason why not. */
export type OrderDecision =
  | { readonly outcome: 'accepted'; readonly events: readonly [OrderEvent] }
  | { readonly outcome: 'refused'; readonly refusal: OrderRefusal };

/** The order: how its events make its state, and which commands it takes. Pure; fits event-sourcing-core's `Aggregate` by shape.
 *
 *  `handle` refuses in this order: items that break the rules of items, existence, the rules of the order. It is called with the
 *  state of the order that the command names (undefined: no such order) and throws when handed another one. */
export const orderAggregate = {
  aggregateType: 'Order',
  snapshotVersion: orderSnapshotVersion,
  first: firstOrderState,
  apply: nextOrderState,
  handle: decide,
  isState: isOrderState,
} as const;

function decide(state: OrderState | undefined, command: OrderCommand): OrderDecision {
  if (state !== undefined && state.orderId !== command.orderId) {
    throw new Error(`${command.type} names order ${command.orderId} but was given the state of order ${state.orderId}`);
  }
  if ('items' in command) {
    const violations = orderItemsViolations(command.items);
    if (violations.length > 0) return refused({ code: 'order-items-invalid', violations });
  }
  if (command.type === 'CreateOrder') {
    return state === undefined ? accepted(created(command)) : refused({ code: 'order-already-exists' });
  }
  if (state === undefined) return refused({ code: 'order-not-found' });
  const rule = brokenRule(state.status, command);
  if (rule !== undefined) return refused({ code: 'order-rule-violated', rule, orderStatus: state.status });
  return accepted(changed(state.customerId, command));
}

function created({ orderId, customerId, currency, items }: CreateOrder): OrderEvent {
  return { type: 'OrderCreated', data: { orderId, customerId, currency, items: copyItems(items) } };
}

function changed(customerId: string, change: OrderChange): OrderEvent {
  const order = { orderId: change.orderId, customerId };
  switch (change.type) {
    case 'UpdateOrderItems':
      return { type: 'OrderItemsUpdated', data: { ...order, items: copyItems(change.items), reason: change.reason } };
    case 'ConfirmOrder':
      return { type: 'OrderConfirmed', data: order };
    case 'ShipOrder':
      return {
        type: 'OrderShipped',
        data: { ...order, trackingNumber: change.trackingNumber, carrier: change.carrier },
      };
    case 'DeliverOrder':
      return { type: 'OrderDelivered', data: { ...order, signature: change.signature } };
    case 'CancelOrder':
      return { type: 'OrderCancelled', data: { ...order, reason: change.reason } };
  }
}

function accepted(event: OrderEvent): OrderDecision {
  return { outcome: 'accepted', events: [event] };
}

function refused(refusal: OrderRefusal): OrderDecision {
  return { outcome: 'refused', refusal };
}
