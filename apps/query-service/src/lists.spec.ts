import {
  confirmed,
  created,
  CUSTOMER,
  orderId,
  OTHER_CUSTOMER,
  RunningService,
  type Answer,
} from './running-service.fixture.js';

let service: RunningService;
beforeAll(async () => {
  service = await RunningService.start({ AUTH_MODE: 'jwt', RATE_LIMIT_PER_SECOND: '1000000' });
  // Two of one time, so that the id decides; order 9 is another customer's.
  const times = ['00.000', '01.000', '01.000', '02.000', '03.000'];
  for (const [n, seconds] of times.entries()) await service.happened(created(n), `2026-11-25T19:00:${seconds}Z`);
  await service.happened(confirmed(4), '2026-11-25T20:00:00.000Z');
  await service.happened(created(9, OTHER_CUSTOMER), '2026-11-25T19:00:01.000Z');
});
afterAll(() => service.stop());

const ofCustomer = `/v1/customers/${CUSTOMER}/orders`;

async function get(url: string, scope = 'admin', subject = CUSTOMER): Promise<Answer> {
  return service.get(url, await service.bearer(scope, subject));
}

const ids = ({ body }: Answer) => (body.orders as { orderId: string }[]).map((order) => order.orderId);

async function readAll(url: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const page = await get(`${url}${url.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    seen.push(...ids(page));
    if (page.body.nextCursor === null) return seen;
    cursor = `&cursor=${String(page.body.nextCursor)}`;
  }
}

describe('GET /v1/customers/{customerId}/orders', () => {
  it.each([1, 2, 5, 200])('given pages of %d, then the customer’s orders, newest first', async (limit) => {
    expect(await readAll(ofCustomer, limit)).toEqual([4, 3, 2, 1, 0].map(orderId));
  });

  it('answers whole orders, and null where the list ends', async () => {
    const { status, body } = await get(ofCustomer);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['orders', 'nextCursor']);
    expect((body.orders as object[])[0]).toEqual((await get(`/v1/orders/${orderId(4)}`)).body);
    expect(body.nextCursor).toBeNull();
  });

  it('given a customer without orders, then an empty list', async () => {
    const { status, body } = await get(`/v1/customers/${orderId(1)}/orders`);
    expect([status, body]).toEqual([200, { orders: [], nextCursor: null }]);
  });

  it.each([
    ['orders:read', CUSTOMER, 200, undefined],
    ['orders:read', CUSTOMER.toUpperCase(), 200, undefined],
    ['orders:read', OTHER_CUSTOMER, 403, 'forbidden'],
    ['orders:fulfil', 'clerk-7', 200, undefined],
    ['admin', 'clerk-7', 200, undefined],
    ['orders:write', CUSTOMER, 403, 'forbidden'],
  ])('given %s of %s, then %d', async (scope, subject, status, code) => {
    const answer = await get(ofCustomer.replace(CUSTOMER, CUSTOMER.toUpperCase()), scope, subject);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('given a customer that is no UUID, then no route has this path, token or not', async () => {
    for (const answer of [
      await get('/v1/customers/jane/orders?limit=0'),
      await service.get('/v1/customers/jane/orders'),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'route-not-found']);
    }
  });
});

describe('GET /v1/orders?status=', () => {
  it('given a status, then the orders of every customer in it, newest first; one that moved on is in its new one', async () => {
    expect(await readAll('/v1/orders?status=CREATED', 2)).toEqual([3, 9, 2, 1, 0].map(orderId));
    expect(await readAll('/v1/orders?status=CONFIRMED', 2)).toEqual([orderId(4)]);
    expect(await readAll('/v1/orders?status=DELIVERED', 2)).toEqual([]);
  });

  it.each([
    ['orders:fulfil', 200],
    ['admin', 200],
    ['orders:read', 403],
    ['orders:write', 403],
  ])('given %s, then %d', async (scope, status) => {
    expect((await get('/v1/orders?status=CREATED', scope)).status).toBe(status);
  });

  it.each([
    '',
    '?status=',
    '?status=created',
    '?status=CREATED&status=CREATED',
    '?status=CREATED&limit=0',
    '?status=CREATED&limit=201',
    '?status=CREATED&x=1',
  ])('given %j, then 422', async (parameters) => {
    const { status, body } = await get(`/v1/orders${parameters}`);
    expect([status, body.code]).toEqual([422, 'validation-failed']);
  });
});

describe('cursors', () => {
  const cursorOf = async (url: string) => String((await get(url)).body.nextCursor);

  it('given a cursor of another list, customer or status, or none at all, then 400', async () => {
    const mine = await cursorOf(`${ofCustomer}?limit=1`);
    const byStatus = await cursorOf('/v1/orders?status=CREATED&limit=1');
    const bad = [
      `/v1/customers/${OTHER_CUSTOMER}/orders?cursor=${mine}`,
      `/v1/orders?status=CREATED&cursor=${mine}`,
      `/v1/orders?status=CONFIRMED&cursor=${byStatus}`,
      `${ofCustomer}?cursor=${byStatus}`,
      `${ofCustomer}?cursor=${mine}A`,
      `${ofCustomer}?cursor=${mine.slice(1)}`,
      `${ofCustomer}?cursor=`,
      `${ofCustomer}?cursor=abc`,
      `${ofCustomer}?cursor=${Buffer.from(JSON.stringify({ createdAt: '2026-11-25T19:00:01.000Z', orderId: orderId(1) })).toString('base64url')}`,
    ];
    for (const url of bad) {
      const { status, body } = await get(url);
      expect([url, status, body.code]).toEqual([url, 400, 'malformed-request']);
    }
  });

  it('given new orders between two pages, then those that were there are neither skipped nor repeated', async () => {
    const other = await RunningService.start();
    for (const n of [1, 2, 3]) await other.happened(created(n), `2026-11-25T19:00:0${n}.000Z`);
    const first = await other.get(`${ofCustomer}?limit=2`);
    await other.happened(created(4), '2026-11-25T19:00:04.000Z');
    await other.happened(created(5), '2026-11-25T19:00:02.500Z');
    const second = await other.get(`${ofCustomer}?limit=2&cursor=${String(first.body.nextCursor)}`);
    expect([...ids(first), ...ids(second)]).toEqual([3, 2, 1].map(orderId));
    await other.stop();
  });

  it('given a restart on the same data, or another replica with the same secret, then its cursors are good', async () => {
    const env = { CURSOR_SECRET: 'a secret that nobody can guess, really' };
    let other = await RunningService.start();
    for (const n of [1, 2]) await other.happened(created(n), `2026-11-25T19:00:0${n}.000Z`);
    const next = async () =>
      `${ofCustomer}?limit=1&cursor=${String((await other.get(`${ofCustomer}?limit=1`)).body.nextCursor)}`;
    const kept = await next();
    other = await other.restart();
    expect(ids(await other.get(kept))).toEqual([orderId(1)]);
    other = await other.restart(env);
    expect((await other.get(kept)).status).toBe(400);
    const secret = await next();
    other = await other.restart(env);
    expect(ids(await other.get(secret))).toEqual([orderId(1)]);
    await other.stop();
  });
});
