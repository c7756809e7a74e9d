import {
  CUSTOMER,
  NO_ORDER,
  ORDER,
  OTHER_CUSTOMER,
  RunningService,
  type Operation,
} from './running-service.fixture.js';

let service: RunningService;
beforeAll(async () => (service = await RunningService.start({ AUTH_MODE: 'jwt', RATE_LIMIT_PER_SECOND: '1000000' })));
afterAll(() => service.stop());

const bearer = (scope: string, subject?: string, claims?: Record<string, unknown>) =>
  service.issuer.bearer(scope, subject, claims);
const SCOPES = ['', 'orders:read', 'orders:write', 'orders:fulfil', 'events:read', 'admin', 'orders:write-all'];

/** An order of {@link CUSTOMER} that the command may be sent to. */
async function orderFor(operation: Operation): Promise<string> {
  const admin = await bearer('admin', OTHER_CUSTOMER);
  const { body } = await service.create({}, admin);
  const orderId = String(body.orderId);
  if (operation === 'ship' || operation === 'deliver') await service.change(orderId, 'confirm', {}, admin);
  if (operation === 'deliver') await service.change(orderId, 'ship', undefined, admin);
  return orderId;
}

describe('authentication', () => {
  it.each([
    ['no token', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['no JWT', { authorization: 'Bearer abc' }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('given %s, then 401', async (_, headers) => {
    const { status, headers: answered, body } = await service.create({}, headers);
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(answered['x-correlation-id']).toEqual(expect.any(String));
    expect(answered['x-causation-id']).toEqual(expect.any(String));
  });

  it.each([
    ['expired', { exp: 1 }],
    ['of another issuer', { iss: 'https://other.test' }],
    ['for another audience', { aud: 'others' }],
  ])('given a token that is %s, then 401', async (_, claims) => {
    const { status, body } = await service.create({}, await bearer('orders:write', CUSTOMER, claims));
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
  });

  it('needs no token for health, metrics and documents', async () => {
    for (const url of ['/health/live', '/health/ready', '/openapi.json'])
      expect([url, (await service.get(url)).status]).toEqual([url, 200]);
  });
});

describe('scopes', () => {
  it.each<[Operation, readonly string[]]>([
    ['items', ['orders:write', 'admin']],
    ['cancel', ['orders:write', 'admin']],
    ['confirm', ['orders:fulfil', 'admin']],
    ['ship', ['orders:fulfil', 'admin']],
    ['deliver', ['orders:fulfil', 'admin']],
  ])('%s of one’s own order takes %j and no other', async (operation, allowed) => {
    for (const scope of SCOPES) {
      const orderId = await orderFor(operation);
      const { status, body } = await service.change(orderId, operation, undefined, await bearer(scope));
      expect([scope, status, body.code]).toEqual([
        scope,
        ...(allowed.includes(scope) ? [200, undefined] : [403, 'forbidden']),
      ]);
    }
  });

  it('a creation takes orders:write or admin', async () => {
    for (const scope of SCOPES) {
      const { status } = await service.create({}, await bearer(scope));
      expect([scope, status]).toEqual([scope, ['orders:write', 'admin'].includes(scope) ? 201 : 403]);
    }
  });

  it.each(['state', 'events'])('/%s takes orders:read, orders:fulfil or admin', async (view) => {
    const orderId = await orderFor('items');
    for (const scope of SCOPES) {
      const { status } = await service.get(`/v1/orders/${orderId}/${view}`, await bearer(scope));
      expect([scope, status]).toEqual([scope, ['orders:read', 'orders:fulfil', 'admin'].includes(scope) ? 200 : 403]);
    }
  });

  it('given several scopes in one claim, then each counts', async () => {
    const caller = await bearer('events:read orders:write orders:read');
    const { body } = await service.create({}, caller);
    expect((await service.get(`/v1/orders/${String(body.orderId)}/state`, caller)).status).toBe(200);
  });
});

describe('whose orders', () => {
  it('an event carries the subject of the token as its user', async () => {
    const { body } = await service.create({}, await bearer('admin', 'clerk-7'));
    expect(await service.events(String(body.orderId), await bearer('admin'))).toEqual([
      expect.objectContaining({ userId: 'clerk-7' }),
    ]);
  });

  it('creating for another customer is forbidden, but for admin', async () => {
    for (const [scope, subject, expected] of [
      ['orders:write', OTHER_CUSTOMER, 403],
      ['orders:write orders:fulfil', OTHER_CUSTOMER, 403],
      ['orders:write', 'no-customer', 403],
      ['orders:write', CUSTOMER.toUpperCase(), 201],
      ['admin', OTHER_CUSTOMER, 201],
    ] as const) {
      const { status, body } = await service.create({}, await bearer(scope, subject));
      expect([scope, subject, status, body.code]).toEqual([
        scope,
        subject,
        expected,
        expected === 403 ? 'forbidden' : undefined,
      ]);
    }
  });

  it.each<Operation>(['items', 'cancel'])(
    '%s of somebody else’s order is answered as if there were none, but for admin',
    async (operation) => {
      const orderId = await orderFor(operation);
      for (const scope of ['orders:write', 'orders:write orders:fulfil orders:read']) {
        const stranger = await bearer(scope, OTHER_CUSTOMER);
        const foreign = await service.change(orderId, operation, undefined, { ...stranger, 'if-match': '"9"' });
        const absent = await service.change(NO_ORDER, operation, undefined, stranger);
        expect(foreign.status).toBe(404);
        expect(JSON.stringify(foreign.body).replaceAll(orderId, NO_ORDER)).toBe(JSON.stringify(absent.body));
      }
      expect((await service.change(orderId, operation, undefined, await bearer('admin', OTHER_CUSTOMER))).status).toBe(
        200,
      );
    },
  );

  it.each<Operation>(['confirm', 'ship', 'deliver'])(
    '%s is for whoever may fulfil, whoever the customer is',
    async (operation) => {
      const orderId = await orderFor(operation);
      expect(
        (await service.change(orderId, operation, undefined, await bearer('orders:fulfil', 'clerk-7'))).status,
      ).toBe(200);
    },
  );

  it.each(['state', 'events'])(
    '/%s of somebody else’s order is answered as if there were none, but for those who read all',
    async (view) => {
      const orderId = await orderFor('items');
      const stranger = await bearer('orders:read', OTHER_CUSTOMER);
      const foreign = await service.get(`/v1/orders/${orderId}/${view}`, stranger);
      const absent = await service.get(`/v1/orders/${NO_ORDER}/${view}`, stranger);
      expect(foreign.status).toBe(404);
      expect(JSON.stringify(foreign.body).replaceAll(orderId, NO_ORDER)).toBe(JSON.stringify(absent.body));
      for (const scope of ['orders:fulfil', 'admin']) {
        expect((await service.get(`/v1/orders/${orderId}/${view}`, await bearer(scope, OTHER_CUSTOMER))).status).toBe(
          200,
        );
      }
    },
  );

  it('given an id that somebody else’s order has, then it exists already', async () => {
    const orderId = await orderFor('items');
    const order = { ...ORDER, customerId: OTHER_CUSTOMER, orderId };
    const { status, body } = await service.create(order, await bearer('orders:write', OTHER_CUSTOMER));
    expect([status, body.code]).toEqual([409, 'order-already-exists']);
  });

  it('given the same key of another subject, then it is another key', async () => {
    const headers = { 'idempotency-key': 'shared' };
    const mine = await service.create({}, { ...headers, ...(await bearer('orders:write')) });
    const order = { ...ORDER, customerId: OTHER_CUSTOMER };
    const theirs = await service.create(order, { ...headers, ...(await bearer('orders:write', OTHER_CUSTOMER)) });
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.orderId).not.toBe(mine.body.orderId);
  });
});

describe('another claim as the customer', () => {
  it('given AUTH_CUSTOMER_CLAIM, then that claim is the customer and the subject the user', async () => {
    const other = await RunningService.start({ AUTH_MODE: 'jwt', AUTH_CUSTOMER_CLAIM: 'customer_id' });
    const caller = await other.issuer.bearer('orders:write orders:read', 'alice', { customer_id: CUSTOMER });
    const { status, body } = await other.create({}, caller);
    expect(status).toBe(201);
    expect(await other.events(String(body.orderId), caller)).toEqual([expect.objectContaining({ userId: 'alice' })]);
    expect((await other.create({}, await other.issuer.bearer('orders:write', CUSTOMER))).status).toBe(403);
    await other.stop();
  });
});
