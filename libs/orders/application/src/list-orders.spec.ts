import { ordersByCustomer, ordersByStatus } from '@chronicle/orders-read-models';
import type { PageRequest, ReadModelReader, Row } from '@chronicle/projection-core';
import { ListCustomerOrders, ListOrdersByStatus } from './list-orders.js';
import { PageCursors } from './page-cursor.js';

const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const cursors = new PageCursors(Buffer.alloc(32, 7));

function id(n: number): string {
  return `01920c5e-7a3b-7c11-9f2e-${String(n).padStart(12, '0')}`;
}

function rowOf(n: number, createdAt: string): Row {
  const data = { orderId: id(n), customerId, currency: 'EUR', items: [{ productId: 'a', quantity: 1, unitPrice: n }] };
  const place = { aggregateId: id(n), sequenceNumber: 1, timestamp: createdAt };
  return ordersByCustomer.rows(ordersByCustomer.evolve(undefined, { type: 'OrderCreated', data, ...place }))[0];
}

/** A read model's table in memory: rows of a partition, newest first. */
class Table implements Pick<ReadModelReader, 'page'> {
  readonly asked: PageRequest[] = [];
  constructor(readonly rows: Row[]) {}

  async page(request: PageRequest): Promise<readonly Row[]> {
    this.asked.push(request);
    const sortKey = (row: Row) => `${row.created_at} ${row.order_id}`;
    const { partition, after, limit } = request;
    return this.rows
      .filter((row) => Object.entries(partition).every(([column, value]) => row[column] === value))
      .sort((left, right) => (sortKey(left) < sortKey(right) ? 1 : -1))
      .filter((row) => after === undefined || sortKey(row) < sortKey(after))
      .slice(0, limit);
  }
}

function given(rows: Row[]) {
  const table = new Table(rows);
  return { table, list: new ListCustomerOrders(table as unknown as ReadModelReader, cursors) };
}

async function readAll(
  list: ListCustomerOrders,
  limit: number,
  betweenPages: () => void = () => undefined,
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await list.execute({ customerId, limit, cursor });
    if (page.outcome !== 'page') throw new Error(page.outcome);
    seen.push(...page.orders.map((order) => order.orderId));
    cursor = page.nextCursor;
    betweenPages();
  } while (cursor !== null);
  return seen;
}

const sameTime = '2026-11-25T19:03:21.123Z';
const times = ['2026-11-25T19:00:00.000Z', sameTime, sameTime, sameTime, '2026-11-26T00:00:00.000Z'];
const rows = () => times.map((time, n) => rowOf(n, time));
const newestFirst = [4, 3, 2, 1, 0].map(id);

describe('ListCustomerOrders', () => {
  it.each([1, 2, 3, 4, 5, 6])('given pages of %d, then every order comes once, newest first', async (limit) => {
    expect(await readAll(given(rows()).list, limit)).toEqual(newestFirst);
  });

  it('given as many orders as the page takes, then there is no next page', async () => {
    const { list } = given(rows());
    expect(await list.execute({ customerId, limit: 5, cursor: null })).toMatchObject({ nextCursor: null });
  });

  it('given no orders, then one empty page', async () => {
    expect(await given([]).list.execute({ customerId, limit: 5, cursor: null })).toEqual({
      outcome: 'page',
      orders: [],
      nextCursor: null,
    });
  });

  it('given orders that come and go between pages, then those that stay come once', async () => {
    const { list, table } = given(rows());
    let n = 10;
    const seen = await readAll(list, 1, () => {
      table.rows.push(rowOf(n, `2026-11-27T00:00:00.0${n}Z`));
      table.rows.splice(table.rows.findIndex((row) => row.order_id === id(4)) >>> 0, 1);
      n += 1;
    });
    expect(seen).toEqual(newestFirst);
  });

  it('given a cursor of another customer, then it is refused and nothing is read', async () => {
    const { list, table } = given(rows());
    const other = cursors.seal('customer_id=00000000-0000-4000-8000-000000000000', {
      createdAt: sameTime,
      orderId: id(1),
    });
    expect(await list.execute({ customerId, limit: 5, cursor: other })).toEqual({ outcome: 'bad-cursor' });
    expect(table.asked).toEqual([]);
  });
});

describe('ListOrdersByStatus', () => {
  it('given a status, then its partition is read; and a cursor of another status is refused', async () => {
    const table = new Table(rows());
    const list = new ListOrdersByStatus(table as unknown as ReadModelReader, cursors);
    const page = await list.execute({ status: 'CREATED', limit: 2, cursor: null });
    if (page.outcome !== 'page' || page.nextCursor === null) throw new Error('expected a page with a next one');
    expect(table.asked).toEqual([{ partition: { status: 'CREATED' }, limit: 3 }]);
    expect(ordersByStatus.table.partitionKey).toEqual(['status']);
    expect(await list.execute({ status: 'SHIPPED', limit: 2, cursor: page.nextCursor })).toEqual({
      outcome: 'bad-cursor',
    });
    expect(await list.execute({ status: 'CREATED', limit: 2, cursor: page.nextCursor })).toMatchObject({
      outcome: 'page',
    });
  });
});
