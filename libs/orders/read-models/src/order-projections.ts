import { orderAggregate, type OrderState, type RecordedOrderEvent } from '@chronicle/orders-domain';
import { orderColumns, orderRow, type ColumnType, type OrderColumn, type Row } from './order-row.js';

/** A table that rows are written to and read from: partitions by `partitionKey`, rows of one in the order of `clusteringKey`. */
export interface OrderTable {
  readonly name: string;
  readonly columns: { readonly [column: string]: ColumnType };
  readonly partitionKey: readonly OrderColumn[];
  readonly clusteringKey: readonly { readonly column: OrderColumn; readonly order: 'asc' | 'desc' }[];
  readonly spreadBy?: OrderColumn;
}

/** One read model of orders, filled by the consumer group of that name; pure, and fits projection-core's `Projection` by shape.
 *  `version` is raised with every change of the table, of `rows` or of the state: that is a new table, rebuilt from history. */
export interface OrderProjection {
  readonly group: string;
  readonly version: number;
  readonly table: OrderTable;
  /** The domain's own fold. Throws `BrokenOrderStreamError` for an event that cannot stand there. */
  evolve(state: OrderState | undefined, event: RecordedOrderEvent): OrderState;
  /** Exactly one row; its key holds the order's id, so that no two orders ever share a row. */
  rows(state: OrderState): readonly [Row];
}

const newestFirst = [
  { column: 'created_at', order: 'desc' },
  { column: 'order_id', order: 'desc' },
] as const;

/** One order by its id. */
export const orderReadModel = orderProjection('order-read-model-projection', {
  name: 'order_read_model',
  columns: orderColumns,
  partitionKey: ['order_id'],
  clusteringKey: [],
});

/** The orders of one customer, newest first. */
export const ordersByCustomer = orderProjection('orders-by-customer-projection', {
  name: 'orders_by_customer',
  columns: orderColumns,
  partitionKey: ['customer_id'],
  clusteringKey: newestFirst,
});

/** The orders in one status, newest first. A change of status moves the row: the old key is no longer among `rows`. */
export const ordersByStatus = orderProjection('orders-by-status-projection', {
  name: 'orders_by_status',
  columns: orderColumns,
  partitionKey: ['status'],
  clusteringKey: newestFirst,
  spreadBy: 'created_at', // few statuses, through which every order passes
});

/** All read models of orders, for what treats them alike: verify, rebuild, migrate. */
export const orderProjections: readonly OrderProjection[] = [orderReadModel, ordersByCustomer, ordersByStatus];

function orderProjection(group: string, table: OrderTable): OrderProjection {
  return { group, version: 1, table, evolve, rows: (state) => [orderRow(state)] };
}

function evolve(state: OrderState | undefined, event: RecordedOrderEvent): OrderState {
  return state === undefined ? orderAggregate.first(event) : orderAggregate.apply(state, event);
}
