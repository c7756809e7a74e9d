import type { InjectOptions } from 'fastify';
import { createApp, type App } from '../app.js';
import { Issuer } from '../auth/issuer.fixture.js';
import type { ProblemCode } from '../problem.js';
import { sampleApp } from '../sample-app.fixture.js';
import { ManualClock } from '../seams.fixture.js';

/** What can be wrong with a request, in the order in which it is noticed, and the problem that tells it. */
const FAULTS = {
  route: 'route-not-found',
  method: 'method-not-allowed',
  token: 'unauthenticated',
  scope: 'forbidden',
  rate: 'too-many-requests',
  header: 'malformed-request',
  size: 'body-too-large',
  type: 'unsupported-media-type',
  json: 'malformed-request',
  fields: 'validation-failed',
} as const satisfies Record<string, ProblemCode>;
type Fault = keyof typeof FAULTS;

const ORDER = Object.keys(FAULTS) as Fault[];
const PAIRS = ORDER.flatMap((earlier, index) => ORDER.slice(index + 1).map((later) => ({ earlier, later })));

describe('the order of checks', () => {
  const clock = new ManualClock();
  let issuer: Issuer;
  let app: App;

  beforeAll(async () => {
    issuer = await Issuer.open('ES256');
    app = await createApp(sampleApp(), {
      env: { ...issuer.environment(), RATE_LIMIT_PER_SECOND: '1', LOG_LEVEL: 'silent' },
      clock,
    });
    await app.http.inject(await requestWith(new Set())); // takes the one request of this second that "busy" has
    clock.pass(0);
  });
  afterAll(() => app.close());

  /** A request that is good but for `faults`. A caller named "busy" has used up its requests. */
  async function requestWith(faults: ReadonlySet<Fault>, subject = 'busy'): Promise<InjectOptions> {
    const scope = faults.has('scope') ? 'things:read' : 'things:write';
    const token = await issuer.sign(clock.now(), { sub: subject, scope });
    return {
      method: faults.has('method') ? 'DELETE' : 'PUT',
      url: faults.has('route')
        ? '/v1/nothing'
        : faults.has('fields')
          ? '/v1/things/1/reason?unknown=1'
          : '/v1/things/1/reason',
      headers: {
        authorization: faults.has('token') ? 'Bearer nonsense' : `Bearer ${token}`,
        'content-type': faults.has('type') ? 'text/plain' : 'application/json',
        'if-match': faults.has('header') ? 'W/"1"' : '"1"',
      },
      payload: bodyWith(faults),
    };
  }

  function bodyWith(faults: ReadonlySet<Fault>): string {
    const reason = faults.has('size') ? 'x'.repeat(256 * 1024) : 'because';
    const text = JSON.stringify(faults.has('fields') ? { reason, unknown: 1 } : { reason });
    return faults.has('json') ? text.slice(0, -1) : text;
  }

  let callers = 0;
  const answerTo = async (...faults: Fault[]) => {
    const subject = faults.includes('rate') ? 'busy' : `caller ${(callers += 1)}`;
    return app.http.inject(await requestWith(new Set(faults), subject));
  };

  it('lets a request without a fault through', async () => {
    const answer = await answerTo();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: '1', body: { reason: 'because' }, context: { ifMatch: 1 } });
  });

  it.each(ORDER)('answers the fault "%s" with its problem', async (fault) => {
    expect((await answerTo(fault)).json()).toMatchObject({ code: FAULTS[fault] });
  });

  it.each(PAIRS)('given the faults "$earlier" and "$later", tells the first', async ({ earlier, later }) => {
    expect((await answerTo(earlier, later)).json()).toMatchObject({ code: FAULTS[earlier] });
  });

  it('given every fault at once, tells the first', async () => {
    expect((await answerTo(...ORDER)).json()).toMatchObject({ code: 'route-not-found' });
  });
});
