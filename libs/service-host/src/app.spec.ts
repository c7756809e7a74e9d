import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { setting } from './config/setting.js';
import { sampleApp, ThingsModule } from './sample-app.fixture.js';
import { KeptLog } from './seams.fixture.js';

describe('an app', () => {
  it('gets its own settings beside the common ones, and rules between them', async () => {
    const open = (env: Record<string, string>) =>
      createApp(
        {
          name: 'batches',
          defaultPort: 3000,
          settings: { batchMax: setting.integer('BATCH_MAX', { about: 'events', min: 1, max: 9, default: 3 }) },
          rules: [
            ({ batchMax, port }) =>
              batchMax < 9 ? null : { name: 'BATCH_MAX', found: '9', expected: `less than 9 with PORT ${port}` },
          ],
          compose: ({ config }) => {
            composedWith = config.batchMax + config.port;
            return ThingsModule;
          },
        },
        { env },
      );
    let composedWith = 0;
    const app = await open({ BATCH_MAX: '7', PORT: '10' });
    expect(app.host.config.batchMax).toBe(7);
    expect(composedWith).toBe(17);
    await app.close();
    await expect(open({ BATCH_MAX: '9' })).rejects.toThrow('BATCH_MAX is 9; expected less than 9 with PORT 3000');
  });

  it('closes what compose had opened when compose fails, and passes the error on', async () => {
    const closed: string[] = [];
    const definition = sampleApp({
      compose: ({ drain }) => {
        drain.step('store', () => void closed.push('store'));
        throw new Error('no disk');
      },
    });
    await expect(createApp(definition, { logTo: new KeptLog() })).rejects.toThrow('no disk');
    expect(closed).toEqual(['store']);
  });

  it('ends requests under way before it runs the steps of compose', async () => {
    const seen: string[] = [];
    let answerProbe: (() => void) | null = null;
    const app = await createApp(
      sampleApp({
        compose: ({ drain, readiness }) => {
          readiness.add('slow', () => new Promise((resolve) => (answerProbe = () => resolve({ up: true }))));
          drain.step('store', () => void seen.push('store closed'));
          return ThingsModule;
        },
      }),
    );
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.http.server.address() as AddressInfo;
    const answer = fetch(`http://127.0.0.1:${port}/health/ready`).then(({ status, headers }) =>
      seen.push(`answered ${status} ${headers.get('connection')}`),
    );
    while (answerProbe === null) await new Promise((resolve) => setImmediate(resolve));
    const closing = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    (answerProbe as () => void)();
    await answer;
    expect(await closing).toEqual({ outcome: 'finished' });
    expect(seen.sort()).toEqual(['answered 200 close', 'store closed']);
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });

  it('refuses a key file that cannot be read, and a failpoint nobody knows, as settings', async () => {
    const env = { AUTH_MODE: 'jwt', AUTH_JWKS_FILE: '/nowhere/keys.json', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };
    await expect(createApp(sampleApp(), { env, logTo: new KeptLog() })).rejects.toThrow(
      'AUTH_JWKS_FILE is "/nowhere/keys.json"; expected a file that can be read',
    );
    await expect(createApp(sampleApp(), { env: { FAILPOINT: 'nowhere:1:exit' } })).rejects.toThrow(
      'FAILPOINT is "nowhere:1:exit"',
    );
  });
});
