import { orderStatuses, orderView, type OrderState, type OrderStatus, type OrderView } from '@chronicle/orders-domain';

/** The kinds of columns of a table; `timestamp` is an RFC 3339 UTC text with milliseconds, `json` a JSON text. */
export type ColumnType = 'uuid' | 'text' | 'integer' | 'timestamp' | 'json';

/** One row of a table: what each column holds. */
export type Row = { readonly [column: string]: string | number | null };

/** The columns of every read model of orders: all that the API answers, so that a list needs no second read. */
export const orderColumns = {
  order_id: 'uuid',
  customer_id: 'uuid',
  status: 'text',
  currency: 'text',
  items: 'json',
  total: 'integer',
  tracking_number: 'text',
  carrier: 'text',
  signature: 'text',
  cancel_reason: 'text',
  created_at: 'timestamp',
  updated_at: 'timestamp',
  version: 'integer',
} as const satisfies { readonly [column: string]: ColumnType };

export type OrderColumn = keyof typeof orderColumns;

/** The row of an order, the same in every read model. */
export function orderRow(state: OrderState): { readonly [Column in OrderColumn]: string | number | null } {
  const view = orderView(state);
  return {
    order_id: view.orderId,
    customer_id: view.customerId,
    status: view.status,
    currency: view.currency,
    items: JSON.stringify(view.items),
    total: view.total,
    tracking_number: view.trackingNumber,
    carrier: view.carrier,
    signature: view.signature,
    cancel_reason: view.cancelReason,
    created_at: view.createdAt,
    updated_at: view.updatedAt,
    version: view.version,
  };
}

/** The order that a row of any read model of orders shows, exactly as the API answers it. Throws `BrokenOrderRowError` when the
 *  row was not made by `orderRow`. */
export function orderFromRow(row: Row): OrderView {
  return {
    orderId: text(row, 'order_id'),
    customerId: text(row, 'customer_id'),
    status: status(row),
    currency: text(row, 'currency'),
    items: items(row),
    total: integer(row, 'total'),
    trackingNumber: textOrNull(row, 'tracking_number'),
    carrier: textOrNull(row, 'carrier'),
    signature: textOrNull(row, 'signature'),
    cancelReason: textOrNull(row, 'cancel_reason'),
    createdAt: text(row, 'created_at'),
    updatedAt: text(row, 'updated_at'),
    version: integer(row, 'version'),
  };
}

/** A row of a read model holds what no projection of orders writes: another table's row, or one changed by hand. Trying again
 *  does not help; `cli verify` names every such row. Names the order and the column, never the value. */
export class BrokenOrderRowError extends Error {
  override readonly name = 'BrokenOrderRowError';
  readonly code = 'broken-order-row';
  readonly retryable = false;

  constructor(
    readonly orderId: string,
    readonly column: OrderColumn,
    expected: string,
  ) {
    super(`row of order ${orderId}: column ${column} is not ${expected}; \`cli verify\` names every such row`);
  }
}

function text(row: Row, column: OrderColumn): string {
  const value = row[column];
  if (typeof value !== 'string') throw broken(row, column, 'a text');
  return value;
}

function textOrNull(row: Row, column: OrderColumn): string | null {
  return row[column] === null ? null : text(row, column);
}

function integer(row: Row, column: OrderColumn): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw broken(row, column, 'a safe integer');
  return value;
}

function status(row: Row): OrderStatus {
  const found = orderStatuses.find((known) => known === row.status);
  if (found === undefined) throw broken(row, 'status', `one of ${orderStatuses.join(', ')}`);
  return found;
}

function items(row: Row): OrderView['items'] {
  const parsed = parse(text(row, 'items'));
  if (!Array.isArray(parsed)) throw broken(row, 'items', 'the JSON text of an array');
  return parsed as OrderView['items'];
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function broken(row: Row, column: OrderColumn, expected: string): BrokenOrderRowError {
  return new BrokenOrderRowError(String(row.order_id), column, expected);
}
