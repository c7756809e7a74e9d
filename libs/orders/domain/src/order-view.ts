import type { OrderItem } from '@chronicle/orders-contracts';
import { copyItems, orderTotal } from './order-items.js';
import type { OrderState, OrderStatus } from './order-state.js';

/** An order as every API answers it: these fields, in this order. `total` is the sum of quantity × unitPrice. */
export interface OrderView {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  readonly total: number;
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
  readonly signature: string | null;
  readonly cancelReason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** Renders a state for the API; the same whether the state comes from the events, a snapshot or a projection. */
export function orderView(state: OrderState): OrderView {
  return {
    orderId: state.orderId,
    customerId: state.customerId,
    status: state.status,
    currency: state.currency,
    items: copyItems(state.items),
    total: orderTotal(state.items),
    trackingNumber: state.trackingNumber,
    carrier: state.carrier,
    signature: state.signature,
    cancelReason: state.cancelReason,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    version: state.version,
  };
}
