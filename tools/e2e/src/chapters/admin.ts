import { randomUUID } from 'node:crypto';
import { WORKERS, eventually } from '@chronicle/tool-system';
import { statusOf } from '../admin-status.js';
import { invalid, json, problem } from '../answers.js';
import { change, place, readOrder } from '../orders.js';
import { SECOND_REPLICA, shared } from '../system-under-test.js';

const GROUP_OF: Record<(typeof WORKERS)[number], string> = {
  'order-read-model-projection': 'order-read-model-projection',
  'orders-by-customer-projection': 'orders-by-customer-projection',
  'orders-by-status-projection': 'orders-by-status-projection',
  publisher: 'external-publisher',
};
const REPLICATED = 'order-read-model-projection';
const BUCKETS = Array.from({ length: 32 }, (_, index) => index);
/** A hand-over takes a drain of 5 s at most, and a death is seen after 10 s. */
const TAKE_OVER_MS = 25_000;

const post = (app: string, path: string, body?: unknown) => shared().client(app).post(`/admin/${path}`, body);

/** The admin API of the consumer groups. */
export function admin(): void {
  describe.each(WORKERS)('the admin API of %s', (app) => {
    it('tells how its group is doing', async () => {
      await eventually(async () => expect((await statusOf(app)).lag).toEqual({ events: 0, ms: 0 }));
      const status = await statusOf(app);
      expect(status).toEqual({
        group: GROUP_OF[app],
        paused: false,
        buckets: expect.any(Array),
        lag: { events: 0, ms: 0 },
        parked: 0,
        checkpoint: expect.anything(),
      });
      expect(json(await shared().client(app).get('/admin/parked'))).toEqual({ parked: [] });
    });

    it('pauses and resumes, also when asked twice, and answers with the status', async () => {
      for (const [action, paused] of [
        ['pause', true],
        ['pause', true],
        ['resume', false],
        ['resume', false],
      ] as const) {
        const answer = json(await post(app, action));
        expect(answer).toMatchObject({ group: GROUP_OF[app], paused });
        expect(Object.keys(answer).sort()).toEqual(['buckets', 'checkpoint', 'group', 'lag', 'parked', 'paused']);
      }
    });

    it('knows nothing parked under an id of anybody, or under none', async () => {
      for (const id of [randomUUID(), 'no-uuid']) {
        problem(await post(app, `parked/${id}/redrive`), 404, 'not-parked');
        problem(await post(app, `parked/${id}/skip`, { reason: 'for a test' }), 404, 'not-parked');
      }
    });

    it.each([{}, { reason: null }, { reason: '' }, { reason: 1 }, { reason: 'x'.repeat(1001) }])(
      'skips nothing for the reason in %j',
      async (body) => {
        expect(invalid(await post(app, `parked/${randomUUID()}/skip`, body))).toEqual(['reason']);
      },
    );
  });

  describe('a consumer group that is paused', () => {
    afterEach(async () => {
      json(await post(REPLICATED, 'resume'));
    });

    it('handles nothing and counts what waits, whichever replica is asked; resumed, it catches up', async () => {
      await eventually(async () => expect((await statusOf(REPLICATED)).lag.events).toBe(0));
      json(await post(SECOND_REPLICA, 'pause'));
      expect((await statusOf(REPLICATED)).paused).toBe(true);
      const { orderId } = await place();
      for (let count = 0; count < 4; count += 1) await change('items', orderId);
      await eventually(async () => {
        for (const replica of [REPLICATED, SECOND_REPLICA]) expect((await statusOf(replica)).lag.events).toBe(5);
      });
      expect((await statusOf(REPLICATED)).lag.ms).toBeGreaterThan(0);
      problem(await shared().queries.get(`/v1/orders/${orderId}?minVersion=1&waitMs=500`), 409, 'not-yet-visible');
      json(await post(REPLICATED, 'resume'));
      json(await readOrder(orderId, 5));
      await eventually(async () => expect((await statusOf(SECOND_REPLICA)).lag).toEqual({ events: 0, ms: 0 }));
    });

    it('stays paused when its processes start again', async () => {
      const app = 'orders-by-customer-projection';
      json(await post(app, 'pause'));
      await shared().system.restart(app);
      expect((await statusOf(app)).paused).toBe(true);
      await shared().system.kill(app, 'SIGKILL');
      await shared().system.whenReady(app);
      expect((await statusOf(app)).paused).toBe(true);
      json(await post(app, 'resume'));
      await eventually(
        async () => expect(await statusOf(app)).toMatchObject({ paused: false, lag: { events: 0 } }),
        TAKE_OVER_MS,
      );
    });
  });

  describe('two replicas of one group', () => {
    it('share its buckets, and one takes over what the other leaves', async () => {
      await eventually(() => expectShared(), TAKE_OVER_MS);
      await shared().system.hold(SECOND_REPLICA);
      await eventually(async () => expect((await statusOf(REPLICATED)).buckets).toEqual(BUCKETS), TAKE_OVER_MS);
      const { orderId } = await place();
      json(await readOrder(orderId));
      await shared().system.start(SECOND_REPLICA);
      await eventually(() => expectShared(), TAKE_OVER_MS);
    });
  });
}

async function expectShared(): Promise<void> {
  const [first, second] = [await statusOf(REPLICATED), await statusOf(SECOND_REPLICA)];
  expect([...first.buckets, ...second.buckets].sort((a, b) => a - b)).toEqual(BUCKETS);
  expect(Math.abs(first.buckets.length - second.buckets.length)).toBeLessThanOrEqual(1);
}
