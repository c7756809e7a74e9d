import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, WORKERS, eventually } from '@chronicle/tool-system';
import { accepted, json, problem } from '../answers.js';
import { BODIES, CHANGES, creation } from '../orders.js';
import type { Change } from '../orders.js';
import { START_TIMEOUT_MS, shared } from '../system-under-test.js';
import type { SystemUnderTest } from '../system-under-test.js';
import { TokenIssuer } from '../tokens.js';

const RATE = 200;
const EVERY_SCOPE = ['orders:read', 'orders:write', 'orders:fulfil', 'events:read', 'admin'];
const SCOPE_OF: Record<Change, string> = {
  items: 'orders:write',
  cancel: 'orders:write',
  confirm: 'orders:fulfil',
  ship: 'orders:fulfil',
  deliver: 'orders:fulfil',
};
const BEFORE: Record<Change, readonly Change[]> = {
  items: [],
  cancel: [],
  confirm: [],
  ship: ['confirm'],
  deliver: ['confirm', 'ship'],
};

let folder: string;
let issuer: TokenIssuer;
let sut: SystemUnderTest;

/** AUTH_MODE=jwt, on a system of its own: who may do what. */
export function identity(): void {
  describe('with AUTH_MODE=jwt', () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'e2e-keys-'));
      issuer = await TokenIssuer.create(join(folder, 'jwks.json'));
      sut = await shared().another({ env: { ...issuer.environment, RATE_LIMIT_PER_SECOND: String(RATE) } });
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await sut?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    describe('a token', () => {
      it.each(APPS.map(({ name }) => name))(
        '%s: is not needed for health, metrics and documents, but for all else',
        async (app) => {
          for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs']) {
            expect([path, (await sut.client(app).get(path)).status]).toEqual([path, 200]);
          }
          const paths = {
            'command-service': `/v1/orders/${randomUUID()}/state`,
            'query-service': '/v1/orders?status=CREATED',
          };
          problem(
            await sut.client(app).get(paths[app as keyof typeof paths] ?? '/admin/status'),
            401,
            'unauthenticated',
          );
        },
      );

      it('that is absent, bad, expired or for others: 401', async () => {
        const past = Math.floor(Date.now() / 1000) - 3600;
        const other = await TokenIssuer.create(join(folder, 'other.json'));
        const sub = randomUUID();
        const good = await issuer.token(sub, 'admin');
        const refused = [
          {},
          { authorization: 'Bearer' },
          { authorization: 'Bearer nonsense' },
          { authorization: `Basic ${good}` },
          bearer(`${good.slice(0, -8)}AAAAAAAA`),
          bearer(await other.token(sub, 'admin')),
          bearer(await issuer.token(sub, 'admin', { exp: past })),
          bearer(await issuer.token(sub, 'admin', { nbf: past + 7200 })),
          bearer(await issuer.token(sub, 'admin', { iss: 'https://other.test' })),
          bearer(await issuer.token(sub, 'admin', { aud: 'other' })),
          bearer(unsigned({ sub, scope: 'admin', exp: past + 7200 })),
        ];
        for (const headers of refused) {
          problem(await sut.commands.get(`/v1/orders/${randomUUID()}/state`, headers), 401, 'unauthenticated');
        }
        problem(await sut.commands.get(`/v1/orders/${randomUUID()}/state`, bearer(good)), 404, 'order-not-found');
      });

      it('is judged after the route and before everything else', async () => {
        problem(await sut.commands.get('/v1/nothing'), 404, 'route-not-found');
        problem(await sut.commands.send('GET', '/v1/orders'), 405, 'method-not-allowed');
        const bad = { raw: '{', headers: { 'content-type': 'text/plain', 'x-correlation-id': 'x' } };
        problem(await sut.commands.send('POST', '/v1/orders', bad), 401, 'unauthenticated');
        const forbidden = { raw: '{', headers: { ...bad.headers, ...(await as(randomUUID(), 'orders:read')) } };
        problem(await sut.commands.send('POST', '/v1/orders', forbidden), 403, 'forbidden');
      });
    });

    describe('scopes', () => {
      it.each(EVERY_SCOPE)('%s: lets through what it names and nothing else', async (scope) => {
        const customer = randomUUID();
        const mine = await as(customer, scope);
        const may = (...scopes: string[]) => scope === 'admin' || scopes.includes(scope);
        const expectMay = (answer: { status: number; text: string }, allowed: boolean, what: string) =>
          expect([what, answer.status === 403 ? 'forbidden' : 'allowed', answer.text]).toEqual([
            what,
            allowed ? 'allowed' : 'forbidden',
            answer.text,
          ]);

        const created = await sut.commands.post('/v1/orders', creation({ customerId: customer }), mine);
        expectMay(created, may('orders:write'), 'create');
        for (const command of CHANGES) {
          const orderId = await orderOf(customer, BEFORE[command]);
          expectMay(await change(command, orderId, mine), may(SCOPE_OF[command]), command);
        }
        const orderId = await orderOf(customer);
        for (const path of ['state', 'events']) {
          expectMay(
            await sut.commands.get(`/v1/orders/${orderId}/${path}`, mine),
            may('orders:read', 'orders:fulfil'),
            path,
          );
        }
        const reads = may('orders:read', 'orders:fulfil');
        expectMay(await sut.queries.get(`/v1/orders/${orderId}?minVersion=1&waitMs=5000`, mine), reads, 'read');
        expectMay(await sut.queries.get(`/v1/customers/${customer}/orders`, mine), reads, 'list of a customer');
        expectMay(await sut.queries.get('/v1/orders?status=CREATED', mine), may('orders:fulfil'), 'list of a status');
        for (const app of WORKERS)
          expectMay(await sut.client(app).get('/admin/status', mine), may(), `admin of ${app}`);
      });

      it('stand in one claim with spaces between them', async () => {
        const customer = randomUUID();
        const both = await as(customer, 'orders:write orders:fulfil');
        const { orderId } = accepted(
          await sut.commands.post('/v1/orders', creation({ customerId: customer }), both),
          201,
        );
        accepted(await change('confirm', orderId, both));
        problem(
          await sut.commands.post('/v1/orders', creation({ customerId: customer }), await as(customer, '')),
          403,
          'forbidden',
        );
        problem(
          await sut.commands.post(
            '/v1/orders',
            creation({ customerId: customer }),
            await as(customer, 'xorders:write'),
          ),
          403,
          'forbidden',
        );
      });
    });

    describe('customers', () => {
      it('may not create for, or list, another one: 403; after the fields, before everything remembered', async () => {
        const [me, other] = [randomUUID(), randomUUID()];
        const mine = await as(me, 'orders:write orders:read');
        problem(await sut.commands.post('/v1/orders', creation({ customerId: other }), mine), 403, 'forbidden');
        expect((await sut.commands.post('/v1/orders', { customerId: other }, mine)).status).toBe(422);
        problem(await sut.queries.get(`/v1/customers/${other}/orders`, mine), 403, 'forbidden');
        json(await sut.queries.get(`/v1/customers/${me.toUpperCase()}/orders`, mine));
      });

      it('see an order of somebody else as one that does not exist, to the letter and to the wait', async () => {
        const orderId = await orderOf(randomUUID());
        await eventually(async () => json(await sut.queries.get(`/v1/orders/${orderId}`, await admin())));
        const stranger = await as(randomUUID(), 'orders:read orders:write');
        const missing = randomUUID();
        const same = async (ask: (id: string) => Promise<{ status: number; text: string }>) => {
          const [theirs, none] = [await ask(orderId), await ask(missing)];
          expect([theirs.status, theirs.text.replaceAll(orderId, missing)]).toEqual([none.status, none.text]);
        };
        for (const path of ['state', 'state?version=1', 'events']) {
          await same((id) => sut.commands.get(`/v1/orders/${id}/${path}`, stranger));
        }
        await same((id) => sut.queries.get(`/v1/orders/${id}`, stranger));
        await same((id) => sut.queries.get(`/v1/orders/${id}?minVersion=1&waitMs=200`, stranger));
        await same((id) => change('cancel', id, stranger));
        await same((id) => change('items', id, { ...stranger, 'if-match': '"9"' }));
        const before = performance.now();
        await sut.queries.get(`/v1/orders/${orderId}?minVersion=1&waitMs=400`, stranger);
        expect(performance.now() - before).toBeGreaterThanOrEqual(395);
      });

      it('that fulfil see and change every order; those that only write, their own', async () => {
        const orderId = await orderOf(randomUUID());
        const fulfiller = await as('warehouse', 'orders:fulfil');
        accepted(await change('confirm', orderId, fulfiller));
        json(await sut.commands.get(`/v1/orders/${orderId}/state`, fulfiller));
        json(await sut.queries.get('/v1/orders?status=CONFIRMED', fulfiller));
        json(await sut.queries.get(`/v1/customers/${randomUUID()}/orders`, fulfiller));
      });

      it('are those of the subject: it is the userId of their events', async () => {
        const customer = randomUUID();
        const { orderId } = accepted(
          await sut.commands.post('/v1/orders', creation({ customerId: customer }), await as(customer, 'orders:write')),
          201,
        );
        accepted(await change('confirm', orderId, await as('warehouse', 'orders:fulfil')));
        const page = json<{ events: { userId: string }[] }>(
          await sut.commands.get(`/v1/orders/${orderId}/events`, await admin()),
        );
        expect(page.events.map(({ userId }) => userId)).toEqual([customer, 'warehouse']);
      });
    });

    it('an idempotency key belongs to its subject', async () => {
      const orderId = await orderOf(randomUUID());
      const one = accepted(
        await change('confirm', orderId, { ...(await as('one', 'orders:fulfil')), 'idempotency-key': 'k' }),
      );
      const other = await change('confirm', orderId, { ...(await as('two', 'orders:fulfil')), 'idempotency-key': 'k' });
      problem(other, 409, 'order-rule-violated', { rule: 'confirm-only-from-created', orderStatus: 'CONFIRMED' });
      expect(one.version).toBe(2);
    });

    it('more requests a second than a subject may send: 429 with Retry-After, for that subject alone', async () => {
      const [greedy, modest] = [await as(randomUUID(), 'orders:read'), await as(randomUUID(), 'orders:read')];
      const path = '/v1/orders/no-uuid/state'; // answered without the store, which may be slower than the rate
      const answers = await Promise.all(Array.from({ length: 5 * RATE }, () => sut.commands.get(path, greedy)));
      const limited = answers.find(({ status }) => status === 429);
      problem(limited!, 429, 'too-many-requests');
      expect(limited!.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      problem(await sut.commands.get(path, modest), 404, 'order-not-found');
    });
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const as = async (subject: string, scope: string) => bearer(await issuer.token(subject, scope));
const admin = () => as('root', 'admin');

function change(command: Change, orderId: string, headers: Record<string, string>) {
  return sut.commands.send(command === 'items' ? 'PUT' : 'POST', `/v1/orders/${orderId}/${command}`, {
    headers,
    json: BODIES[command],
  });
}

async function orderOf(customerId: string, changes: readonly Change[] = []): Promise<string> {
  const { orderId } = accepted(await sut.commands.post('/v1/orders', creation({ customerId }), await admin()), 201);
  for (const command of changes) accepted(await change(command, orderId, await admin()));
  return orderId;
}

function unsigned(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: 'https://issuer.test', aud: 'chronicle', ...claims })}.`;
}
