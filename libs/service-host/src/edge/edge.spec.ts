import type { InjectOptions } from 'fastify';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { createApp, type App } from '../app.js';
import { Route } from './route.js';
import { FAILURES, sampleApp } from '../sample-app.fixture.js';
import { KeptLog } from '../seams.fixture.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UUID = '0190B5A0-0000-7000-8000-00000000000A';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the edge', () => {
  const log = new KeptLog();
  let app: App;
  beforeAll(async () => {
    app = await createApp(sampleApp(), { logTo: log });
  });
  afterAll(() => app.close());
  const ask = (options: InjectOptions) => app.http.inject(options);
  const change = (options: InjectOptions = {}) => ask({ method: 'PUT', url: '/v1/things/1/reason', ...options });

  describe('routes', () => {
    it.each([
      ['GET', '/'],
      ['GET', '/v1/things/1/'],
      ['GET', '/V1/things/1'],
      ['GET', '/v1/things/'],
      ['PUT', '/v1/things//reason'],
      ['GET', '/v1/things/%zz'],
      ['POST', '/v1/nothing'],
    ] as const)('%s %s is no route', async (method, url) => {
      const answer = await ask({ method, url, payload: method === 'POST' ? '{bad' : undefined });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'x-correlation-id': expect.stringMatching(UUID_V7),
      });
      expect(answer.json()).toEqual({
        type: '/problems/route-not-found',
        title: 'There is nothing under this path',
        status: 404,
        detail: expect.any(String),
        instance: url,
        code: 'route-not-found',
      });
    });

    it.each([
      ['DELETE', '/v1/things', 'GET, HEAD, POST'],
      ['OPTIONS', '/v1/things/1', 'GET, HEAD'],
      ['POST', '/health/live?x=1', 'GET, HEAD'],
    ] as const)('%s %s is a method the path does not take', async (method, url, allow) => {
      const answer = await ask({ method, url });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers['allow']).toBe(allow);
      expect(answer.json()).toMatchObject({ code: 'method-not-allowed', instance: url.split('?')[0] });
    });

    it('takes any text as an id, however long', async () => {
      const answer = await ask({ url: `/v1/things/${'y'.repeat(8_000)}` });
      expect(answer.json<{ id: string }>().id).toHaveLength(8_000);
    });

    it('answers HEAD like GET, without the body', async () => {
      const answer = await ask({ method: 'HEAD', url: '/v1/things/1' });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toBe('');
    });

    it('creates with 201 and the headers that the controller sets', async () => {
      const item = { productId: 'p', quantity: 1, unitPrice: 0 };
      const payload = { customerId: UUID, currency: 'EUR', items: [item] };
      const answer = await ask({ method: 'POST', url: '/v1/things', payload });
      expect(answer.statusCode).toBe(201);
      expect(answer.headers).toMatchObject({ etag: '"1"', location: expect.stringMatching('^/v1/things/') });
      const body = { thingId: null, ...payload, customerId: UUID.toLowerCase() };
      expect(answer.json()).toMatchObject({ body, context: { sentBody: payload } });
    });

    it('refuses to start with a route that takes a body of any kind', async () => {
      @Controller('v1/open')
      class AnyBodyController {
        @Post()
        @Route({ summary: 'Anything', answer: { status: 200 } })
        post() {
          return {};
        }
      }
      @Module({ controllers: [AnyBodyController] })
      class AnyBodyModule {}
      const starting = createApp(sampleApp({ compose: () => AnyBodyModule }));
      await expect(starting).rejects.toThrow('the route POST /v1/open has no body; expected a DTO');
    });

    it('refuses to start with a route that declares nothing', async () => {
      @Controller('v1/open')
      class OpenController {
        @Get()
        get() {
          return {};
        }
      }
      @Module({ controllers: [OpenController] })
      class OpenModule {}
      await expect(createApp(sampleApp({ compose: () => OpenModule }))).rejects.toThrow(
        'the route GET /v1/open has no @Route',
      );
    });
  });

  describe('ids of a flow', () => {
    it('makes them when they are absent: the command is its own cause', async () => {
      const answer = await change();
      const { context } = answer.json<{ context: Record<string, string> }>();
      expect(context['commandId']).toMatch(UUID_V7);
      expect(context['causationId']).toBe(context['commandId']);
      expect(answer.headers['x-causation-id']).toBe(context['commandId']);
      expect(answer.headers['x-correlation-id']).toBe(context['correlationId']);
    });

    it('takes those that were sent and answers them in lower case, on an error too', async () => {
      const headers = { 'x-correlation-id': UUID, 'x-causation-id': UUID };
      const good = await change({ headers });
      expect(good.json()).toMatchObject({
        context: { correlationId: UUID.toLowerCase(), causationId: UUID.toLowerCase() },
      });
      const refused = await change({ headers: { ...headers, 'content-type': 'text/plain' }, payload: 'x' });
      expect(refused.statusCode).toBe(415);
      expect(refused.headers).toMatchObject({
        'x-correlation-id': UUID.toLowerCase(),
        'x-causation-id': UUID.toLowerCase(),
      });
    });

    it('carries no causation id on a query', async () => {
      expect((await ask({ url: '/v1/things/1' })).headers).not.toHaveProperty('x-causation-id');
    });
  });

  describe('headers', () => {
    const unusable: Record<string, string | string[]>[] = [
      { 'x-correlation-id': 'x' },
      { 'x-correlation-id': '' },
      { 'x-correlation-id': [UUID, UUID] },
      { 'x-correlation-id': '00000000-0000-0000-0000-000000000000' },
      { 'x-causation-id': 'x' },
      { 'x-causation-id': [UUID, UUID] },
      { 'idempotency-key': '' },
      { 'idempotency-key': 'k'.repeat(129) },
      { 'idempotency-key': 'caf\u00e9' },
      { 'idempotency-key': ['a', 'b'] },
      { 'if-match': ['"1"', '"1"'] },
      ...['', '*', '1', '"a"', '"-1"', '"1.0"', '"01"', 'W/"1"', '"1", "2"', '"9007199254740992"'].map((text) => ({
        'if-match': text,
      })),
    ];
    it.each(unusable)('refuses %j where they are read', async (headers) => {
      const answer = await change({ headers });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'malformed-request']);
      expect(answer.headers['x-correlation-id']).toMatch(UUID_V7);
    });

    it('hands good ones to the controller', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const answer = await change({
        headers: { 'idempotency-key': ' a key, of ours ', 'if-match': '"0"', traceparent },
      });
      expect(answer.json()).toMatchObject({
        context: { idempotencyKey: expect.stringContaining('a key, of ours'), ifMatch: 0, traceparent },
      });
    });

    it.each([
      'x',
      '00-00000000000000000000000000000000-b7ad6b7169203331-01',
      'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ])('ignores the trace context %s', async (traceparent) => {
      const answer = await change({ headers: { traceparent } });
      expect(answer.json<{ context: object }>().context).not.toHaveProperty('traceparent');
    });

    it('does not look at those a route does not read', async () => {
      const headers = { 'x-causation-id': 'x', 'idempotency-key': '', 'if-match': '*', 'if-none-match': '"3"' };
      const answer = await ask({ url: '/v1/things/1', headers });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ context: { ifNoneMatch: '"3"' } });
    });

    it('refuses an If-None-Match that is no list of tags, where it is read', async () => {
      const status = async (text: string) =>
        (await ask({ url: '/v1/things/1', headers: { 'if-none-match': text } })).statusCode;
      for (const good of ['*', '"3"', 'W/"3"', '"3", W/"4"']) expect(await status(good)).toBe(200);
      for (const bad of ['', '3', '"3', '"3" "4"']) expect(await status(bad)).toBe(400);
    });

    it('refuses If-Match on a create', async () => {
      const answer = await ask({ method: 'POST', url: '/v1/things', headers: { 'if-match': '"1"' }, payload: {} });
      expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringContaining('If-Match') });
    });

    it('refuses commands of pages of other sites while there is no authentication', async () => {
      expect((await change({ headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403);
      expect((await change({ headers: { 'sec-fetch-site': 'same-origin' } })).statusCode).toBe(200);
      expect((await ask({ url: '/v1/things/1', headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(200);
    });
  });

  describe('bodies', () => {
    it.each([
      [{}],
      [{ 'content-type': 'text/plain' }],
      [{ 'content-type': 'no type at all' }],
      [{ 'transfer-encoding': 'chunked' }],
    ])('takes an empty one as {} with %j', async (headers) => {
      const answer = await change({ headers, payload: Buffer.alloc(0) });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ body: { reason: null } });
    });

    it.each([
      ['white space', '  \n', JSON_TYPE, 400],
      ['half an object', '{"reason":', JSON_TYPE, 400],
      ['a byte order mark', '\ufeff{}', JSON_TYPE, 400],
      ['Latin-1', Buffer.from('{"reason":"caf\u00e9"}', 'latin1'), JSON_TYPE, 400],
      ['__proto__', '{"__proto__":{"a":1}}', JSON_TYPE, 400],
      ['__proto__ escaped, deep inside', '{"reason":[{"\\u005f_proto__":1}]}', JSON_TYPE, 400],
      ['constructor.prototype', '{"constructor":{"prototype":1}}', JSON_TYPE, 400],
      ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, JSON_TYPE, 400],
      ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), JSON_TYPE, 400],
      ['a list', '[]', JSON_TYPE, 422],
      ['null', 'null', JSON_TYPE, 422],
      ['a number', '1', JSON_TYPE, 422],
      ['keys that every object has', '{"toString":1,"constructor":2}', JSON_TYPE, 422],
      ['no type', '{}', {}, 415],
      ['another type', '{}', { 'content-type': 'application/problem+json' }, 415],
      ['a type that begins alike', '{}', { 'content-type': 'application/json5' }, 415],
      ['an encoding', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415],
      ['too many bytes', `{"reason":"${'x'.repeat(262_144)}"}`, JSON_TYPE, 413],
      ['the last of two equal keys', '{"reason":1,"reason":"b"}', JSON_TYPE, 200],
      ['parameters of the type', '{}', { 'content-type': 'Application/JSON; charset=utf-8' }, 200],
      ['a final new line', '{}\n', JSON_TYPE, 200],
    ])('answers %s', async (_name, payload, headers, status) => {
      expect((await change({ payload, headers })).statusCode).toBe(status);
    });

    it('takes one of exactly 256 KiB', async () => {
      const payload = `{"reason":1}${' '.repeat(262_144 - 12)}`;
      expect((await change({ payload, headers: JSON_TYPE })).statusCode).toBe(422);
    });
  });

  describe('problems that a controller throws', () => {
    const one = (id: keyof typeof FAILURES) => ask({ url: `/v1/things/${id}` });

    it('are answered with their facts', async () => {
      const answer = await one('stale');
      expect(answer.statusCode).toBe(412);
      expect(answer.json()).toEqual({
        type: '/problems/version-mismatch',
        title: 'The order has another version',
        status: 412,
        detail: 'moved on',
        instance: '/v1/things/stale',
        code: 'version-mismatch',
        expectedVersion: 1,
        actualVersion: 2,
      });
    });

    it('an unavailable store is 503 with Retry-After, and says nothing of the driver', async () => {
      const answer = await one('store-down');
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.json()).toMatchObject({ code: 'store-unavailable' });
      expect(answer.body).not.toContain('secret');
    });

    it.each(['bug', 'no-error'])('what nobody foresaw (%s) is 500, logged once with the correlation id', async (id) => {
      log.lines.length = 0;
      const answer = await one(id);
      expect(answer.json()).toMatchObject({ status: 500, code: 'internal-error' });
      expect(answer.body).not.toContain('secret');
      expect(log.lines).toEqual([
        expect.objectContaining({ level: 'error', app: 'sample', correlationId: answer.headers['x-correlation-id'] }),
      ]);
    });

    it('exceptions of Nest keep their meaning', async () => {
      expect((await one('nest-404')).json()).toMatchObject({ status: 404, code: 'route-not-found' });
      expect((await one('nest-418')).json()).toMatchObject({ status: 500, code: 'internal-error' });
    });
  });

  it('marks every answer as not to be stored and not to be guessed at', async () => {
    for (const url of ['/v1/things/1', '/nothing', '/health/live']) {
      expect((await ask({ url })).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
  });
});
