// What has happened to orders, in every version ever written: the only part of this context that others may import.
export { orderEventSchemaId } from './event-contract.js';
export type { EventContract, EventVersion, JsonSchema, Upcaster } from './event-contract.js';
export { orderTopic } from './order-topic.js';
export { orderEventContracts, orderEventSchemas } from './order-events.js';
export type { OrderEvent, OrderEventType, OrderItem } from './order-events.js';
export type { OrderCancelled } from './order-cancelled.js';
export type { OrderConfirmed } from './order-confirmed.js';
export type { OrderCreated } from './order-created.js';
export type { OrderDelivered } from './order-delivered.js';
export type { OrderItemsUpdated } from './order-items-updated.js';
export type { OrderShipped } from './order-shipped.js';
