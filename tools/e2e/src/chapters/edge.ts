import { randomUUID } from 'node:crypto';
import { APPS, WORKERS } from '@chronicle/tool-system';
import { UUID, accepted, invalid, problem } from '../answers.js';
import { BOOK, change, creation, place } from '../orders.js';
import { shared } from '../system-under-test.js';

const KIB = 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (raw: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  shared().commands.send('POST', '/v1/orders', { raw, headers });

/** What is refused before anybody looks at an order, and in which order. */
export function edge(): void {
  describe('routes and methods', () => {
    it.each(APPS.map(({ name }) => name))('%s: what does not exist is 404 route-not-found', async (app) => {
      for (const path of ['/', '/v1', '/v1/nothing', '/v2/orders', '/health', '/v1/orders/a/b/c']) {
        problem(await shared().client(app).get(path), 404, 'route-not-found');
      }
    });

    it('a method that a path does not take is 405 with Allow', async () => {
      const id = randomUUID();
      const cases: [string, string, string, string][] = [
        ['command-service', 'GET', '/v1/orders', 'POST'],
        ['command-service', 'POST', `/v1/orders/${id}/items`, 'PUT'],
        ['command-service', 'DELETE', `/v1/orders/${id}/confirm`, 'POST'],
        ['command-service', 'POST', `/v1/orders/${id}/state`, 'GET'],
        ['query-service', 'POST', '/v1/orders', 'GET'],
        ['query-service', 'PATCH', `/v1/orders/${id}`, 'GET'],
        ['query-service', 'DELETE', `/v1/customers/${id}/orders`, 'GET'],
        ...WORKERS.flatMap((app): [string, string, string, string][] => [
          [app, 'POST', '/admin/status', 'GET'],
          [app, 'GET', '/admin/pause', 'POST'],
          [app, 'GET', `/admin/parked/${id}/redrive`, 'POST'],
        ]),
        ...APPS.map(({ name }): [string, string, string, string] => [name, 'POST', '/health/ready', 'GET']),
      ];
      for (const [app, method, path, allowed] of cases) {
        const answer = await shared().client(app).send(method, path);
        problem(answer, 405, 'method-not-allowed');
        expect(String(answer.headers.allow).split(', ')).toContain(allowed);
      }
    });

    it('route comes before everything else: a bad body to no route is 404', async () => {
      problem(
        await shared().commands.send('POST', '/v1/nothing', { raw: '{', headers: JSON_TYPE }),
        404,
        'route-not-found',
      );
    });
  });

  describe('bodies', () => {
    it.each([
      ['no JSON', '{'],
      ['white space alone', ' \n'],
      ['a trailing comma', '{"a":1,}'],
      ['two values', '{} {}'],
      ['single quotes', "{'a':1}"],
      ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ])('that are %s are malformed', async (_name, raw) => {
      problem(await post(raw), 400, 'malformed-request');
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/jsonp', 'json'])(
      'of type %s: 415',
      async (type) => {
        problem(await post('{}', { 'content-type': type }), 415, 'unsupported-media-type');
      },
    );

    it('without a type: 415', async () => {
      problem(await post('{}', {}), 415, 'unsupported-media-type');
    });

    it('of type application/json with parameters and in any case are read', async () => {
      for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset=UTF-8']) {
        accepted(await post(JSON.stringify(creation()), { 'content-type': type }), 201);
      }
    });

    it('that are empty have no type', async () => {
      const { orderId } = await place();
      const path = `/v1/orders/${orderId}/confirm`;
      accepted(await shared().commands.send('POST', path, { raw: '', headers: { 'content-type': 'text/plain' } }));
    });

    it('of 256 KiB are read, and of one byte more are too large, whether announced or in chunks', async () => {
      const text = JSON.stringify(creation());
      const full = text + ' '.repeat(256 * KIB - text.length);
      accepted(await post(full), 201);
      problem(await post(`${full} `), 413, 'body-too-large');
      const inChunks = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
      problem(
        await shared().commands.send('POST', '/v1/orders', { raw: `${full} `, headers: inChunks }),
        413,
        'body-too-large',
      );
    });

    it('with names of the prototype, or nested absurdly, are refused', async () => {
      const valid = JSON.stringify(creation()).slice(1);
      for (const name of ['__proto__', 'constructor', 'prototype', 'toString']) {
        const answer = await post(`{"${name}":{"admin":true},${valid}`);
        expect([400, 422]).toContain(answer.status);
      }
      for (const depth of [1000, 100_000]) {
        const answer = await post(`{"items":${'['.repeat(depth)}${']'.repeat(depth)}}`);
        expect([400, 422]).toContain(answer.status);
      }
    });
  });

  describe('headers', () => {
    it('over 16 KiB: 431', async () => {
      for (const { name } of APPS) {
        const answer = await shared()
          .client(name)
          .get('/health/live', { 'x-long': 'x'.repeat(17 * KIB) });
        problem(answer, 431, 'headers-too-large');
      }
    });

    it.each(['x-correlation-id', 'x-causation-id', 'idempotency-key', 'if-match'])(
      '%s that is empty: 400',
      async (name) => {
        const { orderId } = await place();
        problem(await change('confirm', orderId, { [name]: '' }), 400, 'malformed-request');
      },
    );

    it.each(['x-correlation-id', 'x-causation-id'])('%s that is no UUID: 400, with ids all the same', async (name) => {
      const { orderId } = await place();
      const answer = await change('confirm', orderId, { [name]: 'mine' });
      problem(answer, 400, 'malformed-request');
      expect(answer.headers['x-causation-id']).toMatch(UUID);
    });
  });

  describe('the order of the checks', () => {
    it('headers, then size and type, then JSON, then fields, then existence', async () => {
      const path = `/v1/orders/${randomUUID()}/items`;
      const put = (headers: Record<string, string>, raw: string) =>
        shared().commands.send('PUT', path, { raw, headers });
      problem(await put({ 'content-type': 'text/plain', 'if-match': 'x' }, '{'), 400, 'malformed-request');
      problem(await put({ 'content-type': 'text/plain' }, '{'), 415, 'unsupported-media-type');
      problem(await put(JSON_TYPE, '{'), 400, 'malformed-request');
      invalid(await put(JSON_TYPE, '{}'));
      problem(await put(JSON_TYPE, JSON.stringify({ items: [BOOK] })), 404, 'order-not-found');
    });

    it('an id that is no UUID is judged at the step of existence', async () => {
      invalid(await change('items', 'no-uuid', {}, {}));
      problem(await change('items', 'no-uuid', { 'if-match': '"x"' }), 400, 'malformed-request');
      problem(await change('items', 'no-uuid'), 404, 'order-not-found');
    });

    it('a parameter that a command does not know: 422', async () => {
      expect(invalid(await shared().commands.post('/v1/orders?dryRun=1', creation()))).toEqual(['dryRun']);
    });
  });
}
