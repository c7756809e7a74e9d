import {
  confirmed,
  created,
  CUSTOMER,
  NO_ORDER,
  orderId,
  OTHER_CUSTOMER,
  RunningService,
} from './running-service.fixture.js';

let service: RunningService;
beforeAll(async () => {
  service = await RunningService.start();
  await service.happened(created(1), '2026-11-25T19:03:21.123Z');
  await service.happened(confirmed(1), '2026-11-25T19:04:00.000Z');
});
afterAll(() => service.stop());

const url = `/v1/orders/${orderId(1)}`;

describe('GET /v1/orders/{id}', () => {
  it('answers the order as its projection wrote it, with its tag', async () => {
    const { status, headers, body } = await service.get(url.toUpperCase().replace('/V1/ORDERS', '/v1/orders'));
    expect(status).toBe(200);
    expect(headers.etag).toBe('"2"');
    expect(Object.entries(body)).toEqual(
      Object.entries({
        orderId: orderId(1),
        customerId: CUSTOMER,
        status: 'CONFIRMED',
        currency: 'EUR',
        items: [{ productId: 'book-1', quantity: 2, unitPrice: 1 }],
        total: 2,
        trackingNumber: null,
        carrier: null,
        signature: null,
        cancelReason: null,
        createdAt: '2026-11-25T19:03:21.123Z',
        updatedAt: '2026-11-25T19:04:00.000Z',
        version: 2,
      }),
    );
  });

  it.each(['"2"', 'W/"2"', '*', '"1", "2"', '"x",W/"2"'])(
    'given If-None-Match %s, then 304 with the tag and no body',
    async (text) => {
      const { status, headers, body } = await service.get(url, { 'if-none-match': text });
      expect([status, headers.etag, body]).toEqual([304, '"2"', {}]);
    },
  );

  it.each(['"1"', 'W/"1"', '""', '"22"'])('given If-None-Match %s, then the order', async (text) => {
    expect((await service.get(url, { 'if-none-match': text })).status).toBe(200);
  });

  it.each(['2', '', '"2', 'W/2', '"1" "2"'])('given If-None-Match %j, then the header is refused', async (text) => {
    const { status, body } = await service.get(url, { 'if-none-match': text });
    expect([status, body.code]).toEqual([400, 'malformed-request']);
  });

  it.each([NO_ORDER, 'no-uuid', '1'])('given %s, then there is no such order', async (id) => {
    const { status, body } = await service.get(`/v1/orders/${id}`);
    expect([status, body.code]).toEqual([404, 'order-not-found']);
  });

  it.each(['?minVersion=-1', '?minVersion=x', '?waitMs=10001', '?waitMs=1&waitMs=1', '?version=1', '?minVersion='])(
    'given %s, then 422',
    async (parameters) => {
      const { status, body } = await service.get(url + parameters);
      expect([status, body.code]).toEqual([422, 'validation-failed']);
    },
  );
});

describe('read your writes', () => {
  it('given a version that is there, then at once', async () => {
    expect((await service.get(`${url}?minVersion=2&waitMs=10000`)).body.version).toBe(2);
    expect((await service.get(`${url}?minVersion=0`)).status).toBe(200);
  });

  it('given a version that comes, then the answer waits for it', async () => {
    const answer = service.get(`/v1/orders/${orderId(2)}?minVersion=2&waitMs=10000`);
    await service.happened(created(2));
    await service.happened(confirmed(2));
    expect(await answer).toMatchObject({ status: 200, body: { version: 2, status: 'CONFIRMED' } });
  });

  it.each([orderId(1), NO_ORDER])(
    'given a version of %s that does not come in time, then 409 and when to try again',
    async (id) => {
      const { status, headers, body } = await service.get(`/v1/orders/${id}?minVersion=3&waitMs=20`);
      expect([status, headers['retry-after'], headers.etag]).toEqual([409, '1', undefined]);
      expect(body).toEqual({
        type: '/problems/not-yet-visible',
        title: expect.any(String),
        status: 409,
        detail: expect.any(String),
        instance: `/v1/orders/${id}`,
        code: 'not-yet-visible',
      });
    },
  );

  it('given no read model yet, then 503 and readiness says which', async () => {
    const early = await RunningService.start({}, { empty: true });
    const { status, headers, body } = await early.get(url);
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'store-unavailable', '1']);
    const ready = await early.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.body.parts).toEqual(
      ['order_read_model', 'orders_by_customer', 'orders_by_status'].map((name) => ({
        name,
        status: 'down',
        detail: expect.any(String),
      })),
    );
    await early.stop();
    expect((await service.get('/health/ready')).status).toBe(200);
  });
});

describe('who may read an order', () => {
  let guarded: RunningService;
  beforeAll(async () => {
    guarded = await RunningService.start({ AUTH_MODE: 'jwt' });
    await guarded.happened(created(1));
  });
  afterAll(() => guarded.stop());

  it.each([
    ['orders:read', CUSTOMER, 200],
    ['orders:read', OTHER_CUSTOMER, 404],
    ['orders:read orders:write', OTHER_CUSTOMER, 404],
    ['orders:fulfil', 'clerk-7', 200],
    ['admin', 'clerk-7', 200],
    ['orders:write', CUSTOMER, 403],
    ['events:read', CUSTOMER, 403],
  ])('given %s of %s, then %d', async (scope, subject, expected) => {
    expect((await guarded.get(url, await guarded.bearer(scope, subject))).status).toBe(expected);
  });

  it.each(['', '?minVersion=1&waitMs=20'])(
    'given %j, then an order of somebody else answers like one that does not exist',
    async (parameters) => {
      const stranger = await guarded.bearer('orders:read', OTHER_CUSTOMER);
      const foreign = await guarded.get(url + parameters, stranger);
      const absent = await guarded.get(`/v1/orders/${NO_ORDER}${parameters}`, stranger);
      expect(foreign.status).toBe(parameters === '' ? 404 : 409);
      expect(JSON.stringify(foreign.body).replaceAll(orderId(1), NO_ORDER)).toBe(JSON.stringify(absent.body));
    },
  );
});
