import type { OrderStatus, OrderView } from '@chronicle/orders-domain';
import { orderFromRow } from '@chronicle/orders-read-models';
import type { ReadModelReader } from '@chronicle/projection-core';
import type { PageCursors } from './page-cursor.js';

/** The most orders of one page of a list. */
export const LIST_ORDERS_MAX = 200;

/** Which page of a list: the first, or the one that `cursor` leads to. */
export interface ListRequest {
  /** 1 to {@link LIST_ORDERS_MAX}. */
  readonly limit: number;
  readonly cursor: string | null;
}

/** A page of orders, newest first (by `createdAt`, then `orderId`), or the news that the cursor is none of this list. */
export type OrderPage =
  | { readonly outcome: 'page'; readonly orders: readonly OrderView[]; readonly nextCursor: string | null }
  | { readonly outcome: 'bad-cursor' };

/**
 * Lists of orders from read models that are partitioned by one column. A page ends with a sealed position in the sort order,
 * which never changes for an order, so an order that matches all along is neither skipped nor repeated whatever is written
 * between two pages. Throws `StoreUnavailableError` when the read model cannot be read.
 */
abstract class OrderList {
  constructor(
    private readonly reader: ReadModelReader,
    private readonly cursors: PageCursors,
    private readonly partitionColumn: string,
  ) {}

  protected async page(value: string, { limit, cursor }: ListRequest): Promise<OrderPage> {
    const list = `${this.partitionColumn}=${value}`;
    const position = cursor === null ? undefined : this.cursors.open(list, cursor);
    if (cursor !== null && position === undefined) return { outcome: 'bad-cursor' };
    const rows = await this.reader.page({
      partition: { [this.partitionColumn]: value },
      ...(position && { after: { created_at: position.createdAt, order_id: position.orderId } }),
      limit: limit + 1, // one more than is answered tells whether there is a next page
    });
    const orders = rows.slice(0, limit).map(orderFromRow);
    const last = rows.length > limit ? orders.at(-1) : undefined;
    return { outcome: 'page', orders, nextCursor: last ? this.cursors.seal(list, last) : null };
  }
}

/** The orders of one customer. Whether the caller may see them is settled before. */
export class ListCustomerOrders extends OrderList {
  /** @param reader of `orders_by_customer` */
  constructor(reader: ReadModelReader, cursors: PageCursors) {
    super(reader, cursors, 'customer_id');
  }

  execute(request: ListRequest & { readonly customerId: string }): Promise<OrderPage> {
    return this.page(request.customerId, request);
  }
}

/** The orders in one status, of every customer. */
export class ListOrdersByStatus extends OrderList {
  /** @param reader of `orders_by_status` */
  constructor(reader: ReadModelReader, cursors: PageCursors) {
    super(reader, cursors, 'status');
  }

  execute(request: ListRequest & { readonly status: OrderStatus }): Promise<OrderPage> {
    return this.page(request.status, request);
  }
}
