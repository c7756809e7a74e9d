import type { OrderCommand } from './order-commands.js';
import type { ItemsViolation } from './order-items.js';
import type { OrderStatus } from './order-state.js';

/** The name of a rule of the order, as clients see it. */
export type OrderRule =
  | 'items-change-only-while-created'
  | 'confirm-only-from-created'
  | 'ship-only-from-confirmed'
  | 'deliver-only-from-shipped'
  | 'cancel-only-before-delivery'
  | 'cancel-only-once';

/** Why a command was refused. A refusal is an ordinary answer, never an exception; the same command may be accepted later. */
export type OrderRefusal =
  | { readonly code: 'order-already-exists' }
  | { readonly code: 'order-not-found' }
  | { readonly code: 'order-items-invalid'; readonly violations: readonly ItemsViolation[] }
  | { readonly code: 'order-rule-violated'; readonly rule: OrderRule; readonly orderStatus: OrderStatus };

/** A command to an order that exists already. */
export type OrderChange = Exclude<OrderCommand, { readonly type: 'CreateOrder' }>;

/** The rule that forbids `change` while the order is in `status`; none when it is allowed. */
export function brokenRule(status: OrderStatus, change: OrderChange): OrderRule | undefined {
  switch (change.type) {
    case 'UpdateOrderItems':
      return status === 'CREATED' ? undefined : 'items-change-only-while-created';
    case 'ConfirmOrder':
      return status === 'CREATED' ? undefined : 'confirm-only-from-created';
    case 'ShipOrder':
      return status === 'CONFIRMED' ? undefined : 'ship-only-from-confirmed';
    case 'DeliverOrder':
      return status === 'SHIPPED' ? undefined : 'deliver-only-from-shipped';
    case 'CancelOrder':
      if (status === 'CANCELLED') return 'cancel-only-once';
      return status === 'DELIVERED' ? 'cancel-only-before-delivery' : undefined;
  }
}
