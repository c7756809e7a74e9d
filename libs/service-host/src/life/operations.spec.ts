import { createApp, type App, type Host } from '../app.js';
import { sampleApp, ThingsModule } from '../sample-app.fixture.js';
import { KeptLog, ManualClock } from '../seams.fixture.js';

describe('health', () => {
  const clock = new ManualClock();
  const log = new KeptLog();
  let app: App;
  afterEach(() => app.close());

  async function open(prepare: (host: Host) => void) {
    const compose = (host: Host) => {
      prepare(host);
      return ThingsModule;
    };
    app = await createApp(sampleApp({ compose }), { clock, logTo: log });
  }
  const ready = async () => {
    const answer = await app.http.inject('/health/ready');
    return [answer.statusCode, answer.json<unknown>()];
  };

  it('is ready when every part is up', async () => {
    await open(({ readiness }) => {
      readiness.add('store', () => ({ up: true, detail: 'SQLite' }));
      readiness.add('feed', () => Promise.resolve({ up: true }));
    });
    const parts = [
      { name: 'store', status: 'up', detail: 'SQLite' },
      { name: 'feed', status: 'up', detail: null },
    ];
    expect(await ready()).toEqual([200, { status: 'up', parts }]);
  });

  it('names the part that is down, that fails and that does not answer', async () => {
    await open(({ readiness }) => {
      readiness.add('good', () => ({ up: true }));
      readiness.add('down', () => ({ up: false, detail: '12 pending' }));
      readiness.add('failing', () => Promise.reject(new Error('secret of the driver')));
      readiness.add('silent', () => new Promise(() => {}), 50);
    });
    const answer = ready();
    await new Promise((resolve) => setImmediate(resolve));
    clock.pass(50);
    const parts = [
      { name: 'good', status: 'up', detail: null },
      { name: 'down', status: 'down', detail: '12 pending' },
      { name: 'failing', status: 'down', detail: 'the probe failed; the log says why' },
      { name: 'silent', status: 'down', detail: 'no answer within 50 ms' },
    ];
    expect(await answer).toEqual([503, { status: 'down', parts }]);
  });

  it('refuses two parts of one name', async () => {
    await open(({ readiness }) => {
      readiness.add('store', () => ({ up: true }));
      expect(() => readiness.add('store', () => ({ up: true }))).toThrow('"store" exists');
    });
  });

  it('is not ready while draining, but alive', async () => {
    let endStep = () => {};
    await open(({ drain }) => drain.step('long', () => new Promise((resolve) => (endStep = resolve))));
    const closing = app.host.drain.start(1_000);
    const parts = [{ name: 'drain', status: 'down', detail: 'this process is ending' }];
    expect(
      await app.http.inject('/health/ready').then((answer) => [answer.statusCode, answer.json<unknown>()]),
    ).toEqual([503, { status: 'down', parts }]);
    endStep();
    clock.pass(1_000);
    await closing;
  });
});

describe('metrics', () => {
  it('count and time requests by method, route and status, and watch the event loop', async () => {
    const app = await createApp(sampleApp());
    await app.http.inject('/v1/things/1');
    await app.http.inject('/v1/things/2');
    await app.http.inject({ method: 'DELETE', url: '/anything' });
    const { body, headers } = await app.http.inject('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('http_requests_total{method="GET",route="/v1/things/:id",status="200",app="sample"} 2');
    expect(body).toContain('http_requests_total{method="any",route="none",status="404",app="sample"} 1');
    expect(body).toContain('http_request_duration_seconds_count{app="sample",method="GET",route="/v1/things/:id"} 2');
    expect(body).toContain('nodejs_eventloop_lag_max_seconds');
    await app.close();
  });
});

describe('the log', () => {
  it.each([
    ['debug', 1],
    ['info', 0],
  ])('at level %s has %i line for a request', async (level, lines) => {
    const log = new KeptLog();
    const app = await createApp(sampleApp(), { env: { LOG_LEVEL: level }, logTo: log });
    log.lines.length = 0;
    const { headers } = await app.http.inject('/v1/things/1');
    expect(log.lines).toEqual(
      Array.from({ length: lines }, () =>
        expect.objectContaining({
          app: 'sample',
          msg: 'request',
          route: '/v1/things/:id',
          status: 200,
          correlationId: headers['x-correlation-id'],
        }),
      ),
    );
    await app.close();
  });
});
