import { createServer, type AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import type { App } from './app.js';
import { createOnceReady } from './create-once-ready.js';
import { sampleApp, ThingsModule } from './sample-app.fixture.js';

/** What an app's store answers while it is away. */
class AwayError extends Error {
  readonly code = 'store-unavailable';
  readonly retryable = true;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('an app whose store is away', () => {
  let url: string;
  let env: Record<string, string>;
  let reason: Error | null;
  let asked: () => void;
  let tries: number;
  let app: Promise<App>;
  /** Resolves when the app has tried once more, and failed. */
  const nextTry = () => new Promise<void>((resolve) => (asked = resolve));

  beforeEach(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    env = { PORT: String(port), LOG_LEVEL: 'silent' };
    reason = new AwayError('cassandra does not answer at 10.0.0.1:9042');
    asked = () => {};
    tries = 0;
    const compose = async () => {
      tries += 1;
      asked();
      if (reason) throw reason;
      return ThingsModule;
    };
    app = createOnceReady(sampleApp({ compose }), env);
    while (tries < 2) await nextTry(); // the room is open by the second try
  });
  afterEach(async () => {
    reason = null;
    await (await app.catch(() => undefined))?.close();
    jest.restoreAllMocks();
  });

  it('is alive, not ready, and says why', async () => {
    const live = await fetch(`${url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'up', parts: [] }]);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      status: 'down',
      parts: [{ name: 'start', status: 'down', detail: 'cassandra does not answer at 10.0.0.1:9042' }],
    });
    reason = new AwayError('keyspace chronicle lacks 002-consumers');
    await nextTry();
    await nextTry();
    expect(await (await fetch(`${url}/health/ready`)).text()).toContain('keyspace chronicle lacks 002-consumers');
  });

  it('answers every other request as a store that is away is answered', async () => {
    const answer = await fetch(`${url}/things?x=1`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(503);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'x-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await answer.json()).toMatchObject({ code: 'store-unavailable', status: 503, instance: '/things' });
  });

  it('given the store comes, then becomes ready by itself, on the same address', async () => {
    reason = null;
    const { http } = await app;
    await http.listen({ host: '127.0.0.1', port: Number(env.PORT) });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('given an error that will not pass, then ends with it', async () => {
    reason = new Error('the table was changed');
    await expect(app).rejects.toThrow('the table was changed');
    await expect(fetch(`${url}/health/live`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it.each(['SIGTERM', 'disconnect'] as const)('given %s, then ends at once, with 0', (event) => {
    const exit = jest.spyOn(process, 'exit').mockImplementation((() => {}) as unknown as typeof process.exit);
    process.emit(event as 'SIGTERM');
    expect(exit).toHaveBeenCalledWith(0);
  });
});

describe('an app whose store is away, and whose parent process went before it could listen for that', () => {
  const connected = Object.getOwnPropertyDescriptor(process, 'connected');
  afterEach(() => {
    if (connected) Object.defineProperty(process, 'connected', connected);
    else Reflect.deleteProperty(process, 'connected');
    jest.restoreAllMocks();
  });

  it('ends, with 0', async () => {
    Object.defineProperty(process, 'connected', { value: false, configurable: true });
    let away = true;
    const exit = jest
      .spyOn(process, 'exit')
      .mockImplementation((() => (away = false)) as unknown as typeof process.exit);
    const compose = async () => {
      if (away) throw new AwayError('cassandra does not answer at 10.0.0.1:9042');
      return ThingsModule;
    };
    const env = { PORT: String(await freePort()), LOG_LEVEL: 'silent' };
    const app = await createOnceReady(sampleApp({ compose }), env);
    await app.close();
    expect(exit).toHaveBeenCalledWith(0);
  });
});
