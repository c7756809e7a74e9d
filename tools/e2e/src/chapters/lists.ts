import { randomUUID } from 'node:crypto';
import { eventually } from '@chronicle/tool-system';
import { accepted, invalid, json, problem } from '../answers.js';
import { change, place, readOrder } from '../orders.js';
import type { OrderView, Status } from '../orders.js';
import { shared } from '../system-under-test.js';

interface Page {
  readonly orders: readonly OrderView[];
  readonly nextCursor: string | null;
}
const ask = (path: string) => shared().queries.get(path);
const customerPath = (customerId: string) => `/v1/customers/${customerId}/orders`;
const statusPath = (status: Status) => `/v1/orders?status=${status}`;

/** The two lists of query-service. */
export function lists(): void {
  describe('the orders of a customer', () => {
    it('are listed newest first, in full, and only theirs', async () => {
      const customerId = randomUUID();
      const placed = await placeFor(customerId, 4);
      await place();
      const page = await eventually(async () => pageOf(customerPath(customerId), 4));
      expect(Object.keys(page).sort()).toEqual(['nextCursor', 'orders']);
      expect(page.nextCursor).toBeNull();
      expect(page.orders).toEqual([...page.orders].sort(newestFirst));
      expect(page.orders.map(({ orderId }) => orderId).sort()).toEqual([...placed].sort());
      for (const order of page.orders) expect(order).toEqual(json(await readOrder(order.orderId)));
    });

    it('are found under the id of the customer in either case', async () => {
      const customerId = randomUUID();
      await placeFor(customerId, 1);
      await eventually(async () => pageOf(customerPath(customerId.toUpperCase()), 1));
    });

    it('of a customer without any are an empty page', async () => {
      expect(json(await ask(customerPath(randomUUID())))).toEqual({ orders: [], nextCursor: null });
    });

    it('of a customer whose id is no UUID: 404 route-not-found', async () => {
      problem(await ask(customerPath('me')), 404, 'route-not-found');
    });

    it('are 50 a page unless asked for up to 200, and the last page has no cursor', async () => {
      const customerId = randomUUID();
      await placeFor(customerId, 51);
      await eventually(async () => pageOf(`${customerPath(customerId)}?limit=200`, 51));
      const first = json<Page>(await ask(customerPath(customerId)));
      expect(first.orders).toHaveLength(50);
      const second = json<Page>(
        await ask(`${customerPath(customerId)}?cursor=${encodeURIComponent(first.nextCursor!)}`),
      );
      expect([second.orders.length, second.nextCursor]).toEqual([1, null]);
      const exact = json<Page>(await ask(`${customerPath(customerId)}?limit=51`));
      expect(exact.nextCursor).toBeNull();
    });

    it('walked page by page while others are placed and these change, come once each', async () => {
      const customerId = randomUUID();
      const placed = await placeFor(customerId, 23);
      await eventually(async () => pageOf(`${customerPath(customerId)}?limit=200`, 23));
      const walked = await walk(customerPath(customerId), 4, async (page) => {
        await placeFor(customerId, 2);
        accepted(await change('confirm', page.orders[0]!.orderId));
      });
      expect(walked.filter((orderId) => placed.includes(orderId)).sort()).toEqual([...placed].sort());
      expect(new Set(walked).size).toBe(walked.length);
    });
  });

  describe('the orders of a status', () => {
    it('are those that have it, newest first; one that moves on leaves the list', async () => {
      const { orderId } = await place();
      const first = await eventually(async () => {
        const page = json<Page>(await ask(`${statusPath('CREATED')}&limit=200`));
        expect(page.orders.map((order) => order.orderId)).toContain(orderId);
        return page;
      });
      expect(first.orders).toEqual([...first.orders].sort(newestFirst));
      for (const order of first.orders) expect(order.status).toBe('CREATED');
      accepted(await change('confirm', orderId));
      await eventually(async () => {
        const confirmed = json<Page>(await ask(`${statusPath('CONFIRMED')}&limit=200`));
        expect(confirmed.orders).toContainEqual(json(await readOrder(orderId, 2)));
        const created = json<Page>(await ask(`${statusPath('CREATED')}&limit=200`));
        expect(created.orders.map((order) => order.orderId)).not.toContain(orderId);
      });
    });

    it('walked page by page while some move on and others arrive: those that stay come once each', async () => {
      const customerId = randomUUID();
      const placed = await placeFor(customerId, 20);
      const leaving = placed.slice(0, 6);
      await eventually(async () => {
        const page = json<Page>(await ask(`${statusPath('CREATED')}&limit=200`));
        expect(page.orders.map(({ orderId }) => orderId)).toEqual(expect.arrayContaining([...placed]));
      });
      const walked = await walk(statusPath('CREATED'), 7, async () => {
        const next = leaving.pop();
        if (next) accepted(await change('cancel', next));
        await place();
      });
      const staying = placed.slice(6);
      expect(walked.filter((orderId) => staying.includes(orderId)).sort()).toEqual([...staying].sort());
      expect(new Set(walked).size).toBe(walked.length);
    });

    it.each(['', '?status=', '?status=created', '?status=LOST', '?status=CREATED&status=CREATED'])(
      'given %j instead of one status, answers 422',
      async (query) => {
        expect(invalid(await ask(`/v1/orders${query}`))).toEqual(['status']);
      },
    );
  });

  describe('the parameters of both lists', () => {
    const bothLists = () => [`${customerPath(randomUUID())}?`, `${statusPath('CREATED')}&`];

    it.each(['limit=0', 'limit=201', 'limit=ten', 'limit=', 'limit=1&limit=2', 'page=2'])(
      'given %s, answer 422',
      async (query) => {
        for (const path of bothLists()) expect(invalid(await ask(path + query))).toEqual([query.split('=')[0]]);
      },
    );

    it.each(['nonsense', 'e30', '', '%00', 'x'.repeat(3000)])('given the cursor %j, answer 400', async (cursor) => {
      for (const path of bothLists()) problem(await ask(`${path}cursor=${cursor}`), 400, 'malformed-request');
    });

    it('given a cursor of another list, or one that was changed, answer 400', async () => {
      const [one, other] = [randomUUID(), randomUUID()];
      await placeFor(one, 2);
      await eventually(async () => pageOf(customerPath(one), 2));
      const { nextCursor } = json<Page>(await ask(`${customerPath(one)}?limit=1`));
      const cursor = nextCursor!;
      for (const path of [`${customerPath(other)}?`, `${statusPath('CREATED')}&`]) {
        problem(await ask(`${path}cursor=${encodeURIComponent(cursor)}`), 400, 'malformed-request');
      }
      for (const index of [0, Math.floor(cursor.length / 2), cursor.length - 2]) {
        const changed = cursor.slice(0, index) + (cursor[index] === 'A' ? 'B' : 'A') + cursor.slice(index + 1);
        problem(await ask(`${customerPath(one)}?cursor=${encodeURIComponent(changed)}`), 400, 'malformed-request');
      }
    });
  });
}

async function placeFor(customerId: string, count: number): Promise<string[]> {
  const placed = await Promise.all(Array.from({ length: count }, () => place({ customerId })));
  return placed.map(({ orderId }) => orderId);
}

async function pageOf(path: string, count: number): Promise<Page> {
  const page = json<Page>(await ask(path));
  expect(page.orders).toHaveLength(count);
  return page;
}

const PAGES_MAX = 1000;

/** The ids of all pages, with something happening between two pages. */
async function walk(path: string, limit: number, between: (page: Page) => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = json<Page>(await ask(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`));
    ids.push(...page.orders.map(({ orderId }) => orderId));
    if (page.nextCursor === null) return ids;
    await between(page);
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  throw new Error(`${path} has more than ${PAGES_MAX} pages of ${limit}`);
}

function newestFirst(a: OrderView, b: OrderView): number {
  return a.createdAt === b.createdAt ? compare(b.orderId, a.orderId) : compare(b.createdAt, a.createdAt);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
