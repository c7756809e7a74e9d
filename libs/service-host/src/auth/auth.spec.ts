import { createServer, type Server } from 'node:http';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createApp, type App } from '../app.js';
import { sampleApp } from '../sample-app.fixture.js';
import { KeptLog, ManualClock } from '../seams.fixture.js';
import { AUDIENCE, ISSUER, Issuer } from './issuer.fixture.js';

const CUSTOMER = '0190B5A0-0000-7000-8000-00000000000C';

describe('authentication', () => {
  const clock = new ManualClock();
  const log = new KeptLog();
  let issuer: Issuer;
  let app: App;

  beforeAll(async () => {
    issuer = await Issuer.open('RS256', 'ES256', 'EdDSA', 'ES384');
    app = await createApp(sampleApp(), {
      env: { ...issuer.environment(), RATE_LIMIT_PER_SECOND: '1000' },
      clock,
      logTo: log,
    });
  });
  afterAll(() => app.close());

  const list = '/v1/things?kind=OLD';
  const get = (authorization: string | undefined, url = '/v1/things/1', to = app) =>
    to.http.inject({ url, headers: authorization === undefined ? {} : { authorization } });
  const withToken = async (claims: Record<string, unknown>, options?: { alg?: string; kid?: string }) =>
    get(`Bearer ${await issuer.sign(clock.now(), claims, options)}`);

  describe('given a good token', () => {
    it.each(['RS256', 'ES256', 'EdDSA'])('signed with %s, lets its subject in', async (alg) => {
      const answer = await withToken({ sub: 'jo' }, { alg });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ context: { subject: 'jo' } });
    });

    it('takes the scheme in any case and audiences in a list', async () => {
      const token = await issuer.sign(clock.now(), { aud: ['other', AUDIENCE] });
      expect((await get(`bearer ${token}`)).statusCode).toBe(200);
    });

    it('allows the clocks of issuer and service to differ by a little', async () => {
      const now = clock.now() / 1_000;
      expect((await withToken({ exp: now - 4, nbf: now + 4 })).statusCode).toBe(200);
    });

    it.each([
      [{ sub: CUSTOMER }, CUSTOMER.toLowerCase()],
      [{ sub: 'no uuid' }, null],
    ])('takes the customer from the subject: %j is %s', async (claims, customerId) => {
      expect((await withToken(claims)).json()).toMatchObject({ context: { customerId } });
    });

    it('takes the customer from the claim that is named for it', async () => {
      const other = await createApp(sampleApp(), {
        env: { ...issuer.environment(), AUTH_CUSTOMER_CLAIM: 'customer' },
        clock,
        logTo: log,
      });
      const token = await issuer.sign(clock.now(), { customer: CUSTOMER });
      expect((await get(`Bearer ${token}`, undefined, other)).json()).toMatchObject({
        context: { subject: 'somebody', customerId: CUSTOMER.toLowerCase() },
      });
      await other.close();
    });
  });

  describe('refuses with 401', () => {
    it.each([undefined, '', 'Basic am86am8=', 'Bearer', 'Bearer ', 'Bearer a b'])(
      'the header %j, without saying that the token is bad',
      async (header) => {
        const answer = await get(header);
        expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      },
    );

    const now = clock.now() / 1_000;
    it.each([
      ['expired', { exp: now - 6 }],
      ['without an expiry', { exp: undefined }],
      ['not yet valid', { nbf: now + 60 }],
      ['of another issuer', { iss: 'https://other.test' }],
      ['without an issuer', { iss: undefined }],
      ['for another audience', { aud: 'other' }],
      ['without an audience', { aud: undefined }],
      ['without a subject', { sub: undefined }],
      ['with an empty subject', { sub: '' }],
      ['with a number for a subject', { sub: 5 }],
    ])('a token %s', async (_name, claims) => {
      const answer = await withToken(claims);
      expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    });

    it('a token of an algorithm that is not taken', async () => {
      expect((await withToken({}, { alg: 'ES384' })).statusCode).toBe(401);
    });

    it('a token of a key nobody published', async () => {
      await issuer.addKey('ES256', 'unpublished');
      expect((await withToken({}, { alg: 'ES256', kid: 'unpublished' })).statusCode).toBe(401);
    });

    it('tokens that are unsigned, signed with the text of the public key, changed or no token at all', async () => {
      const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'jo', exp: now + 60 };
      const unsigned = new UnsecuredJWT(claims).encode();
      const symmetric = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'RS256' })
        .sign(Buffer.from(issuer.keySet()));
      const [head, , signature] = (await issuer.sign(clock.now())).split('.');
      const changed = `${head}.${Buffer.from(JSON.stringify({ ...claims, scope: 'admin' })).toString('base64url')}.${signature}`;
      for (const token of [unsigned, symmetric, changed, 'nonsense', 'a.b.c']) {
        expect((await get(`Bearer ${token}`)).statusCode).toBe(401);
      }
    });
  });

  describe('scopes', () => {
    it.each([
      ['things:read', 200],
      ['other things:read', 200],
      ['  things:read ', 200],
      ['things:reading', 403],
      ['admin', 403],
      ['', 403],
      [undefined, 403],
      [['things:read'], 403],
    ])('%j on a route for things:read is %i', async (scope, status) => {
      const answer = await get(`Bearer ${await issuer.sign(clock.now(), { scope })}`, list);
      expect(answer.statusCode).toBe(status);
      if (status === 403) {
        expect(answer.json()).toMatchObject({ code: 'forbidden' });
        expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="things:read"');
      }
    });
  });

  it('asks for no token on public routes, and does not look at one', async () => {
    for (const url of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs']) {
      expect((await get('Bearer nonsense', url)).statusCode).toBe(200);
    }
  });

  it('with AUTH_MODE=off lets everybody do everything without a name, whatever the header says', async () => {
    const open = await createApp(sampleApp(), { env: { AUTH_MODE: 'off' }, logTo: log });
    const answer = await get('Bearer nonsense', list, open);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ context: { subject: null, customerId: null } });
    await open.close();
  });

  it('logs neither tokens nor the header they come in', async () => {
    app.host.log.info({ req: { headers: { authorization: 'Bearer secret' } } }, 'x');
    app.host.log.info({ headers: { authorization: 'Bearer secret' }, authorization: 'Bearer secret' }, 'x');
    expect(JSON.stringify(log.lines)).not.toContain('secret');
  });

  describe('rate', () => {
    it('is counted for each subject alone, and comes back with time', async () => {
      const one = await createApp(sampleApp(), {
        env: { ...issuer.environment(), RATE_LIMIT_PER_SECOND: '2' },
        clock,
        logTo: log,
      });
      const call = async (sub: string) => get(`Bearer ${await issuer.sign(clock.now(), { sub })}`, undefined, one);
      expect((await call('jo')).statusCode).toBe(200);
      expect((await call('jo')).statusCode).toBe(200);
      const refused = await call('jo');
      expect(refused.json()).toMatchObject({ status: 429, code: 'too-many-requests' });
      expect(refused.headers['retry-after']).toBe('1');
      expect((await call('kim')).statusCode).toBe(200);
      clock.pass(500);
      expect((await call('jo')).statusCode).toBe(200);
      expect((await call('jo')).statusCode).toBe(429);
      await one.close();
    });
  });
});

describe('the key set', () => {
  const clock = new ManualClock();
  const log = new KeptLog();
  let issuer: Issuer;
  let app: App;

  async function open(environment: Record<string, string>) {
    app = await createApp(sampleApp(), { env: environment, clock, logTo: log });
  }
  async function statusOf(kid: string, alg = 'ES256') {
    const token = await issuer.sign(clock.now(), {}, { alg, kid });
    return (await app.http.inject({ url: '/v1/things/1', headers: { authorization: `Bearer ${token}` } })).statusCode;
  }
  beforeEach(async () => {
    issuer = await Issuer.open('ES256');
  });
  afterEach(() => app.close());

  describe('in a file', () => {
    beforeEach(() => open(issuer.environment()));

    it('gets new keys without a restart', async () => {
      await issuer.addKey('ES256', 'new');
      issuer.publish();
      clock.pass(100);
      expect(await statusOf('new')).toBe(200);
    });

    it('loses withdrawn keys within a second', async () => {
      await issuer.addKey('ES256', 'other');
      issuer.withdraw('ES256');
      issuer.publish();
      expect(await statusOf('ES256')).toBe(200);
      clock.pass(1_001);
      expect(await statusOf('ES256')).toBe(401);
      expect(await statusOf('other')).toBe(200);
    });

    it('is not read for every unknown key', async () => {
      clock.pass(100);
      expect(await statusOf('ES256')).toBe(200);
      await issuer.addKey('ES256', 'new');
      expect(await statusOf('new')).toBe(401);
      issuer.publish();
      expect(await statusOf('new')).toBe(401);
      clock.pass(100);
      expect(await statusOf('new')).toBe(200);
    });

    it('keeps its keys while the file is missing or broken, and says so in the log', async () => {
      rmSync(issuer.file);
      clock.pass(1_001);
      expect(await statusOf('ES256')).toBe(200);
      writeFileSync(issuer.file, '{"keys": 1}');
      clock.pass(1_001);
      expect(await statusOf('ES256')).toBe(200);
      expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
    });
  });

  describe('behind a URL', () => {
    let server: Server;
    let asked: number;
    let isDown: boolean;

    beforeEach(async () => {
      asked = 0;
      isDown = false;
      server = createServer((_request, response) => {
        asked += 1;
        response.statusCode = isDown ? 503 : 200;
        response.end(isDown ? 'down' : issuer.keySet());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    async function openByUrl() {
      const { AUTH_JWKS_FILE: _, ...rest } = issuer.environment();
      await open({ ...rest, AUTH_JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` });
    }
    const ready = async () => (await app.http.inject('/health/ready')).json<object>();

    it('is fetched once for many tokens', async () => {
      await openByUrl();
      expect(await Promise.all([1, 2, 3].map(() => statusOf('ES256')))).toEqual([200, 200, 200]);
      expect(asked).toBe(1);
    });

    it('is fetched again for an unknown key, but not at every one', async () => {
      await openByUrl();
      await issuer.addKey('ES256', 'new');
      expect(await statusOf('new')).toBe(401);
      clock.pass(10_000);
      expect(await Promise.all([1, 2, 3].map(() => statusOf('new')))).toEqual([200, 200, 200]);
      expect(await statusOf('ES256')).toBe(200);
      expect(asked).toBe(2);
    });

    it('goes on with the keys it knows while the URL is down', async () => {
      await openByUrl();
      isDown = true;
      await issuer.addKey('ES256', 'new');
      clock.pass(700_000);
      expect(await statusOf('ES256')).toBe(200);
      expect(await statusOf('new')).toBe(401);
      expect(await ready()).toMatchObject({ status: 'up' });
    });

    it('starts without keys, is not ready, and recovers', async () => {
      isDown = true;
      await openByUrl();
      expect(await ready()).toMatchObject({ status: 'down', parts: [{ name: 'token-keys', status: 'down' }] });
      expect(await statusOf('ES256')).toBe(401);
      isDown = false;
      clock.pass(10_000);
      expect(await statusOf('ES256')).toBe(200);
      expect(await ready()).toMatchObject({ status: 'up' });
    });
  });
});
