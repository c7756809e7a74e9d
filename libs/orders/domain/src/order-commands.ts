import type { OrderItem } from '@chronicle/orders-contracts';

// What can be asked of an order. The shape of texts and ids was checked where the command came in.

/** Places a new order under an id that no order has yet. */
export interface CreateOrder {
  readonly type: 'CreateOrder';
  readonly orderId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly items: readonly OrderItem[];
}

/** Replaces all items; equal ones are as good as any and make an event too. */
export interface UpdateOrderItems {
  readonly type: 'UpdateOrderItems';
  readonly orderId: string;
  readonly items: readonly OrderItem[];
  readonly reason: string | null;
}

/** Makes the items final. */
export interface ConfirmOrder {
  readonly type: 'ConfirmOrder';
  readonly orderId: string;
}

/** Hands the order to a carrier. */
export interface ShipOrder {
  readonly type: 'ShipOrder';
  readonly orderId: string;
  readonly trackingNumber: string;
  readonly carrier: string;
}

/** States that the order reached its customer. */
export interface DeliverOrder {
  readonly type: 'DeliverOrder';
  readonly orderId: string;
  readonly signature: string | null;
}

/** Ends the order before its delivery. */
export interface CancelOrder {
  readonly type: 'CancelOrder';
  readonly orderId: string;
  readonly reason: string | null;
}

/** Everything that can be asked of an order. Who asks, and whether they may, is settled before a command is made. */
export type OrderCommand = CreateOrder | UpdateOrderItems | ConfirmOrder | ShipOrder | DeliverOrder | CancelOrder;
