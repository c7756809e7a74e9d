// What can be done with orders: commands and queries as plain classes over the ports of the platform.
export { HandleOrderCommand } from './handle-order-command.js';
export type {
  CommandSurroundings,
  HandledOrderCommand,
  OrderCommandRequest,
  OrderRequest,
} from './handle-order-command.js';
export { LIST_ORDERS_MAX, ListCustomerOrders, ListOrdersByStatus } from './list-orders.js';
export type { ListRequest, OrderPage } from './list-orders.js';
export { mayReach } from './order-access.js';
export type { OrderAccess } from './order-access.js';
export { orderCommandExecutor, orderEventCodec, orderLoader } from './order-registration.js';
export type { OrderCommandExecutor, OrderLoader } from './order-registration.js';
export { PageCursors } from './page-cursor.js';
export type { ListPosition } from './page-cursor.js';
export { READ_WAIT_MS_MAX, ReadOrder } from './read-order.js';
export type { ReadOrderRequest, ReadOrderResult } from './read-order.js';
export { EVENTS_PAGE_MAX, ReadOrderEvents, eventEnvelope, orderEventView } from './read-order-events.js';
export type { OrderEventView, ReadOrderEventsRequest, ReadOrderEventsResult } from './read-order-events.js';
export { ReadOrderState } from './read-order-state.js';
export type { ReadOrderStateRequest, ReadOrderStateResult } from './read-order-state.js';
