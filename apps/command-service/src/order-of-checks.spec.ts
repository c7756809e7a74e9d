import { CUSTOMER, NO_ORDER, ORDER, OTHER_CUSTOMER, RunningService, type Answer } from './running-service.fixture.js';

let service: RunningService;
beforeAll(async () => (service = await RunningService.start({ AUTH_MODE: 'jwt', RATE_LIMIT_PER_SECOND: '1000000' })));
afterAll(() => service.stop());

interface Attempt {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly scope?: string | null;
  readonly subject?: string;
}

/** A creation that would be taken, with what is changed about it. */
async function attempt({
  method = 'POST',
  url = '/v1/orders',
  body = ORDER,
  headers = {},
  scope = 'orders:write',
  subject = CUSTOMER,
}: Attempt): Promise<Answer> {
  const token = scope === null ? {} : await service.issuer.bearer(scope, subject);
  return service.send(method, url, body, { ...token, ...headers });
}

const TOO_LARGE = JSON.stringify({ ...ORDER, note: 'x'.repeat(256 * 1024) });

/** The faults of a request in the order in which they are looked for, each with what it is answered. */
const FAULTS: readonly [string, Attempt, number, string][] = [
  ['no such method', { method: 'DELETE' }, 405, 'method-not-allowed'],
  ['no token', { scope: null }, 401, 'unauthenticated'],
  ['no scope', { scope: 'orders:read' }, 403, 'forbidden'],
  ['a bad header', { headers: { 'x-correlation-id': 'x' } }, 400, 'malformed-request'],
  ['a body too large', { body: TOO_LARGE }, 413, 'body-too-large'],
  ['a body of another type', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported-media-type'],
  ['a body that is no JSON', { body: '{' }, 400, 'malformed-request'],
  ['a field missing', { body: { ...ORDER, currency: undefined } }, 422, 'validation-failed'],
  ['another customer', { subject: OTHER_CUSTOMER }, 403, 'forbidden'],
];

describe('the order of checks of a creation', () => {
  it.each(FAULTS)('given %s, then that is answered', async (_, fault, status, code) => {
    const answer = await attempt(fault);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  const pairs = FAULTS.flatMap((first, at) =>
    FAULTS.slice(at + 1).map((second) => [first[0], second[0], first, second] as const),
  );

  it.each(pairs)(
    'given %s and %s, then the first is answered',
    async (_first, _second, [, one, status, code], [, two]) => {
      const answer = await attempt({ ...two, ...one, headers: { ...two.headers, ...one.headers } });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    },
  );

  it('given a route that does not exist and no token, then the route', async () => {
    const answer = await attempt({ url: '/v1/nothing', scope: null });
    expect([answer.status, answer.body.code]).toEqual([404, 'route-not-found']);
  });

  it('given a 405, then what is allowed is told', async () => {
    expect((await attempt({ method: 'DELETE' })).headers.allow).toBe('POST');
    expect((await attempt({ method: 'GET', url: `/v1/orders/${NO_ORDER}/items`, body: undefined })).headers.allow).toBe(
      'PUT',
    );
  });

  it('given another customer and a key that is remembered, then the customer', async () => {
    const headers = { 'idempotency-key': 'k' };
    await attempt({ headers });
    const answer = await attempt({ headers, body: { ...ORDER, customerId: OTHER_CUSTOMER } });
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
  });
});

describe('the order of checks of a change', () => {
  const change = (orderId: string, operation: string, rest: Attempt = {}) =>
    attempt({ scope: 'admin', body: {}, url: `/v1/orders/${orderId}/${operation}`, ...rest });

  it('given fields that are wrong and an order that is none, then the fields', async () => {
    for (const id of [NO_ORDER, 'no-uuid']) {
      const answer = await change(id, 'confirm', { body: { force: true } });
      expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
    }
  });

  it('given an order that is none and an If-Match that does not hold, then the order', async () => {
    for (const id of [NO_ORDER, 'no-uuid']) {
      const answer = await change(id, 'confirm', { headers: { 'if-match': '"3"' } });
      expect([answer.status, answer.body.code]).toEqual([404, 'order-not-found']);
    }
  });

  it('given an If-Match that does not hold and a rule broken, then the version', async () => {
    const { body } = await attempt({});
    const answer = await change(String(body.orderId), 'deliver', { headers: { 'if-match': '"3"' } });
    expect([answer.status, answer.body.code]).toEqual([412, 'version-mismatch']);
  });

  it('given a key that was used with another body and an If-Match that does not hold, then the key', async () => {
    const { body } = await attempt({});
    const id = String(body.orderId);
    const headers = { 'idempotency-key': 'k', 'if-match': '"1"' };
    expect((await change(id, 'cancel', { headers })).status).toBe(200);
    const answer = await change(id, 'cancel', { headers, body: { reason: 'x' } });
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency-key-reused']);
  });
});

describe('bodies that nobody should send', () => {
  it.each<[string, string, number[]]>([
    ['white space alone', '  ', [400]],
    ['two values', '{}{}', [400]],
    ['a comment', '{/**/}', [400]],
    ['a key that reaches a prototype', `{"__proto__":{},${JSON.stringify(ORDER).slice(1)}`, [400, 422]],
    ['a constructor', `{"constructor":{"prototype":{}},${JSON.stringify(ORDER).slice(1)}`, [400, 422]],
    ['absurd nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, [400, 422]],
    ['an array', '[]', [422]],
    ['null', 'null', [422]],
    ['a number beyond all bounds', JSON.stringify(ORDER).replace('1999', '1e999'), [422]],
  ])('given %s, then it is refused and nothing breaks', async (_, body, statuses) => {
    expect(statuses).toContain((await attempt({ body })).status);
  });

  it('given a key twice, then the last counts', async () => {
    const answer = await attempt({ body: JSON.stringify(ORDER).replace('"currency"', '"currency":"eur","currency"') });
    expect(answer.status).toBe(201);
  });

  it('given a hundred things wrong, then fifty are named', async () => {
    const items = Array.from({ length: 100 }, () => ({ productId: '', quantity: 1, unitPrice: 1 }));
    const { status, body } = await attempt({ body: { ...ORDER, items } });
    expect(status).toBe(422);
    expect(body.violations).toHaveLength(50);
    expect((body.violations as object[])[0]).toEqual({ field: 'items.0.productId', message: expect.any(String) });
  });
});
