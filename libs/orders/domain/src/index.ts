// The order: what can be asked of it, what it refuses, what it becomes. Pure; no clock, no random, no I/O.
export { BrokenOrderStreamError } from './broken-order-stream-error.js';
export { orderAggregate } from './order-aggregate.js';
export type { OrderDecision } from './order-aggregate.js';
export type {
  CancelOrder,
  ConfirmOrder,
  CreateOrder,
  DeliverOrder,
  OrderCommand,
  ShipOrder,
  UpdateOrderItems,
} from './order-commands.js';
export { orderItemsMax, orderItemsViolations } from './order-items.js';
export type { ItemsViolation } from './order-items.js';
export type { OrderRefusal, OrderRule } from './order-rules.js';
export { orderStatuses } from './order-state.js';
export type { OrderState, OrderStatus, RecordedOrderEvent } from './order-state.js';
export { orderView } from './order-view.js';
export type { OrderView } from './order-view.js';
