import {
  InMemoryChangeFeed,
  InMemoryConsumerStore,
  InMemoryGroupCoordination,
  type AggregateRun,
  type ConsumerHandler,
  type HandledRun,
} from '@chronicle/change-feed-core';
import { InMemoryEventStore, StoreUnavailableError, type StoredEvent } from '@chronicle/event-sourcing-core';
import { systemClock as clock, timestampText } from '@chronicle/seams';
import { createApp, type App } from '@chronicle/service-host';
import { consumerService, type ConsumerParts } from './consumer-service.js';
import type { FeedObserver } from './feed-metrics.js';

const GOOD = '00000000-0000-7000-8000-00000000000a';
const BAD = '00000000-0000-7000-8000-0000000000bd';

/** Takes everything but what its `poison` names; throws `away` when that is set. */
class Handler implements ConsumerHandler {
  readonly poison = new Set<string>();
  readonly seen: string[] = [];
  away: Error | undefined;

  async handle(runs: readonly AggregateRun[]): Promise<readonly HandledRun<never>[]> {
    if (this.away !== undefined) throw this.away;
    return runs.map(({ events }) => {
      const bad = events.findIndex((event) => this.poison.has(event.eventId));
      const good = bad === -1 ? events : events.slice(0, bad);
      this.seen.push(...good.map((event) => event.eventId));
      const failure = { code: 'poison', reason: 'it is bad', retryable: false };
      return { handled: good.length, state: null, effects: [], ...(bad !== -1 && { failure }) };
    });
  }
}

describe('the app of a consumer group', () => {
  let app: App;
  let handler: Handler;
  let feed: InMemoryChangeFeed;
  let coordination: InMemoryGroupCoordination;
  let history: InMemoryEventStore;
  let parts: ConsumerParts<never>;
  let closed: number;
  let logged: string[];
  let feedObserver: FeedObserver;

  beforeEach(async () => {
    handler = new Handler();
    feed = new InMemoryChangeFeed(clock);
    coordination = new InMemoryGroupCoordination();
    history = new InMemoryEventStore(clock);
    closed = 0;
    logged = [];
    const store = new InMemoryConsumerStore(coordination);
    const close = async () => void (closed += 1);
    parts = { feed, coordination, history, handler, store, close, settings: { answerTimeoutMs: 300 } };
    app = await start();
  });
  afterEach(() => app.close());

  function start(env: Record<string, string> = {}): Promise<App> {
    const service = consumerService({
      ...{ name: 'things-projection', defaultPort: 0 },
      open: async (host) => {
        feedObserver = host.feedObserver;
        return parts;
      },
    });
    return createApp(service, { env, logTo: { write: (line) => void logged.push(line) } });
  }

  /** Commits the next event of an aggregate, as the engine would. */
  async function append(aggregateId: string, eventId: string): Promise<void> {
    const now = timestampText(clock.now());
    const draft = {
      eventId,
      eventType: 'ThingDone',
      eventVersion: 1,
      eventData: '{}',
      causationId: 'c',
      correlationId: 'f',
    };
    const events = [{ ...draft, userId: null, metadata: {} }];
    const command = { key: eventId, bodyHash: 'h' };
    await history.append({ aggregateId, aggregateType: 'Thing', expected: 'any', events, now, command });
    const stored: StoredEvent[] = [];
    for await (const page of history.load(aggregateId)) stored.push(...page);
    feed.publish(stored.at(-1)!);
  }

  async function call(method: 'GET' | 'POST', url: string, payload?: object) {
    const answer = await app.http.inject({ method, url, ...(payload && { payload }) });
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body };
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 500; turn += 1) {
      if (await condition()) return;
      await clock.sleep(10);
    }
    throw new Error(`the condition does not come true: ${condition.toString()}`);
  }

  async function givenParked(): Promise<void> {
    handler.poison.add('bad 1');
    await append(BAD, 'bad 1');
    await append(BAD, 'bad 2');
    await until(async () => (await call('GET', '/admin/status')).body.parked === 1);
  }

  it('answers the status of the group', async () => {
    await append(GOOD, 'good 1');
    await until(() => handler.seen.length === 1);
    await until(async () => (await call('GET', '/admin/status')).body.lag.events === 0);
    expect(await call('GET', '/admin/status')).toEqual({
      status: 200,
      body: {
        group: 'things-projection',
        paused: false,
        buckets: Array.from({ length: 32 }, (_, bucket) => bucket),
        lag: { events: 0, ms: 0 },
        parked: 0,
        checkpoint: { [feed.bucketOf(GOOD)]: '1' },
      },
    });
  });

  it('lists what is parked, with these fields and no others', async () => {
    expect(await call('GET', '/admin/parked')).toEqual({ status: 200, body: { parked: [] } });
    await givenParked();
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const parked = { aggregateId: BAD, sequenceNumber: 1, eventType: 'ThingDone', reason: 'it is bad', since };
    expect(await call('GET', '/admin/parked')).toEqual({ status: 200, body: { parked: [parked] } });
  });

  it('redrives, with the id in either case, and answers the status', async () => {
    await givenParked();
    handler.poison.clear();
    const { status, body } = await call('POST', `/admin/parked/${BAD.toUpperCase()}/redrive`);
    expect([status, body.parked, body.group]).toEqual([200, 0, 'things-projection']);
    expect(handler.seen).toEqual(['bad 1', 'bad 2']);
  });

  it('skips with a reason, which is logged with who said so', async () => {
    await givenParked();
    const { status, body } = await call('POST', `/admin/parked/${BAD}/skip`, { reason: 'known to be wrong' });
    expect([status, body.parked]).toEqual([200, 0]);
    expect(handler.seen).toEqual(['bad 2']);
    expect(logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ aggregateId: BAD, sequenceNumber: 1, reason: 'known to be wrong', userId: null }),
    );
  });

  it.each([
    ['an unknown aggregate', GOOD],
    ['something that is no UUID', 'nonsense'],
  ])('given %s, then it is not parked', async (_, id) => {
    for (const order of ['redrive', 'skip']) {
      const { status, body } = await call(
        'POST',
        `/admin/parked/${id}/${order}`,
        order === 'skip' ? { reason: 'r' } : undefined,
      );
      expect([status, body.code]).toEqual([404, 'not-parked']);
    }
  });

  it.each([
    ['no reason', {}],
    ['an empty one', { reason: '' }],
    ['null', { reason: null }],
    ['one that is too long', { reason: 'x'.repeat(1001) }],
    ['control characters', { reason: 'a\u0007b' }],
    ['a number', { reason: 7 }],
    ['another field beside it', { reason: 'r', force: true }],
  ])('given a skip with %s, then it is refused, parked or not', async (_, payload) => {
    const { status, body } = await call('POST', `/admin/parked/${GOOD}/skip`, payload);
    expect([status, body.code]).toEqual([422, 'validation-failed']);
  });

  it('given a skip with a reason of a thousand characters, then it is taken', async () => {
    await givenParked();
    expect((await call('POST', `/admin/parked/${BAD}/skip`, { reason: '📚'.repeat(1000) })).status).toBe(200);
  });

  it('pauses and resumes, each as often as one likes, and the pause is in force when it is answered', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await call('POST', '/admin/pause');
      expect([status, body.paused]).toEqual([200, true]);
    }
    await append(GOOD, 'good 1');
    await clock.sleep(200);
    expect(handler.seen).toEqual([]);
    expect((await call('GET', '/admin/status')).body.lag.events).toBe(1);
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await call('POST', '/admin/resume');
      expect([status, body.paused]).toEqual([200, false]);
    }
    await until(() => handler.seen.length === 1);
  });

  it('given an order that cannot be carried out now, then it is 503 and says so', async () => {
    await givenParked();
    handler.away = new Error('secret of the driver');
    const { status, body } = await call('POST', `/admin/parked/${BAD}/redrive`);
    expect([status, body.code]).toEqual([503, 'store-unavailable']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('given a coordination that cannot be reached, then it is 503', async () => {
    const reachable = coordination.setPaused;
    coordination.setPaused = async () => {
      throw new StoreUnavailableError('secret of the driver');
    };
    const { status, body } = await call('POST', '/admin/pause');
    expect([status, body.code]).toEqual([503, 'store-unavailable']);
    coordination.setPaused = reachable;
  });

  it('is ready while every part can be used, and names the one that cannot', async () => {
    expect((await call('GET', '/health/ready')).status).toBe(200);
    handler.away = new Error('secret of the driver');
    await append(GOOD, 'good 1');
    await until(async () => (await call('GET', '/health/ready')).status === 503);
    const { body } = await call('GET', '/health/ready');
    expect(body.parts.filter((part: { status: string }) => part.status === 'down')).toEqual([
      { name: 'handler', status: 'down', detail: 'cannot be used; the log says why' },
    ]);
    handler.away = undefined;
    await until(async () => (await call('GET', '/health/ready')).status === 200);
  });

  it('counts and measures', async () => {
    await givenParked();
    await append(GOOD, 'good 1');
    await until(() => handler.seen.length === 1);
    await until(async () => (await call('GET', '/admin/status')).body.lag.events === 0);
    const text = (await call('GET', '/metrics')).body as string;
    for (const [name, value] of [
      ['consumer_events_handled_total', 1],
      ['consumer_parks_total', 1],
      ['consumer_buckets_owned', 32],
      ['consumer_lag_events', 0],
      ['consumer_parked_aggregates', 1],
      ['consumer_paused', 0],
      ['holes_open', 0],
      ['holes_healed_total', 0],
    ] as const) {
      expect(text).toMatch(new RegExp(`^${name}\\{app="things-projection"\\} ${value}$`, 'm'));
    }
  });

  it('counts what a feed of a cluster tells', async () => {
    feedObserver.pageRetried();
    feedObserver.lateGroupsFound({ groups: 2 });
    for (let bucket = 0; bucket < 3; bucket += 1) feedObserver.catchUpBegan();
    for (let change = 0; change < 4; change += 1) feedObserver.changeIgnored();
    for (let failure = 0; failure < 5; failure += 1) feedObserver.metadataFailed();
    feedObserver.clocksMeasured({ skewMs: 250 });
    const text = (await call('GET', '/metrics')).body as string;
    expect(text.match(/^feed_.*$/gm)).toEqual([
      'feed_retries_total{app="things-projection"} 1',
      'feed_late_finds_total{app="things-projection"} 2',
      'feed_catch_ups_total{app="things-projection"} 3',
      'feed_changes_ignored_total{app="things-projection"} 4',
      'feed_metadata_failures_total{app="things-projection"} 5',
      'feed_clock_skew_seconds{app="things-projection"} 0.25',
    ]);
  });

  it('given a store that cannot be read, then the gauges of the group have no value', async () => {
    const reachable = coordination.control;
    coordination.control = async () => {
      throw new StoreUnavailableError('away');
    };
    const text = (await call('GET', '/metrics')).body as string;
    expect(text).not.toMatch(/^consumer_lag_events\{.*\} \d/m);
    coordination.control = reachable;
  });

  it('when it ends, then the batch in hand is saved, the buckets are free and what was opened is closed', async () => {
    await append(GOOD, 'good 1');
    await until(() => handler.seen.length === 1);
    expect(await app.close()).toEqual({ outcome: 'finished' });
    expect((await coordination.buckets()).every((row) => row.owner === null)).toBe(true);
    expect(await coordination.instances()).toEqual([]);
    expect((await parts.store.checkpoints()).get(feed.bucketOf(GOOD))).toBe('1');
    expect(closed).toBe(1);
  });
});
