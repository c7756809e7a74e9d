// The three read models of orders and the way back from their rows to what the API answers. Pure.
export { orderProjections, orderReadModel, ordersByCustomer, ordersByStatus } from './order-projections.js';
export type { OrderProjection, OrderTable } from './order-projections.js';
export { BrokenOrderRowError, orderFromRow } from './order-row.js';
export type { ColumnType, Row } from './order-row.js';
