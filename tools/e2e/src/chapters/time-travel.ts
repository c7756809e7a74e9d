import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { invalid, json, problem } from '../answers.js';
import { change, place, placeAt } from '../orders.js';
import type { OrderView } from '../orders.js';
import { shared } from '../system-under-test.js';

const ask = (orderId: string, query = '') => shared().commands.get(`/v1/orders/${orderId}/state${query}`);
const asOf = (orderId: string, time: string) => ask(orderId, `?asOf=${encodeURIComponent(time)}`);

/** GET /v1/orders/{id}/state: the order now and then. */
export function timeTravel(): void {
  describe('the state of an order', () => {
    it('is what its events say, at once, with an ETag', async () => {
      const { orderId } = await placeAt('SHIPPED');
      const answer = await ask(orderId);
      expect(json<OrderView>(answer)).toMatchObject({ orderId, status: 'SHIPPED', version: 3 });
      expect(answer.headers.etag).toBe('"3"');
    });

    it('given a version, is as it was then', async () => {
      const { orderId } = await placeAt('SHIPPED');
      const first = await ask(orderId, '?version=1');
      expect(json<OrderView>(first)).toMatchObject({ status: 'CREATED', version: 1, trackingNumber: null });
      expect(first.headers.etag).toBe('"1"');
      expect(json<OrderView>(await ask(orderId, '?version=3'))).toMatchObject({ status: 'SHIPPED', version: 3 });
    });

    it('given a version beyond the newest, or an order that does not exist, is not found', async () => {
      const { orderId } = await place();
      problem(await ask(orderId, '?version=2'), 404, 'order-not-found');
      problem(await ask(randomUUID()), 404, 'order-not-found');
      problem(await ask('no-uuid'), 404, 'order-not-found');
    });

    it('given a time, is as it was then, the events of that millisecond included', async () => {
      const { orderId, created, confirmed } = await twoMoments();
      expect(json<OrderView>(await asOf(orderId, created))).toMatchObject({ status: 'CREATED', version: 1 });
      expect(json<OrderView>(await asOf(orderId, earlier(confirmed)))).toMatchObject({ version: 1 });
      expect(json<OrderView>(await asOf(orderId, confirmed))).toMatchObject({ status: 'CONFIRMED', version: 2 });
      expect(json<OrderView>(await asOf(orderId, '2999-01-01T00:00:00Z'))).toMatchObject({ version: 2 });
    });

    it('given a time before its first event, is not found', async () => {
      const { orderId, created } = await twoMoments();
      problem(await asOf(orderId, earlier(created)), 404, 'order-not-found');
    });

    it('takes a time with an offset, and with a fraction of any length', async () => {
      const { orderId, confirmed } = await twoMoments();
      const shifted = new Date(Date.parse(confirmed) + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
      expect(json<OrderView>(await asOf(orderId, shifted))).toMatchObject({ version: 2 });
      const back = new Date(Date.parse(confirmed) - 5.5 * 3_600_000).toISOString().replace('Z', '-05:30');
      expect(json<OrderView>(await asOf(orderId, back))).toMatchObject({ version: 2 });
      expect(json<OrderView>(await asOf(orderId, confirmed.replace('Z', '999Z')))).toMatchObject({ version: 2 });
      const nextSecond = new Date(Math.floor(Date.parse(confirmed) / 1000) * 1000 + 1000).toISOString();
      expect(json<OrderView>(await asOf(orderId, nextSecond.replace('.000', '')))).toMatchObject({ version: 2 });
      expect(json<OrderView>(await asOf(orderId, nextSecond.replace('.000', '.0')))).toMatchObject({ version: 2 });
    });

    it.each([
      ['version', '?version=0'],
      ['version', '?version=-1'],
      ['version', '?version=1.0'],
      ['version', '?version='],
      ['version', '?version=one'],
      ['version', '?version=%2B1'],
      ['version', '?version=9007199254740992'],
      ['version', '?version=1&version=1'],
      ['asOf', '?asOf=yesterday'],
      ['asOf', '?asOf=2026-01-01'],
      ['asOf', '?asOf=2026-01-01T00:00:00'],
      ['asOf', '?asOf=2026-02-30T00:00:00Z'],
      ['asOf', '?asOf=2026-01-01T25:00:00Z'],
      ['asOf', '?asOf='],
      ['newest', '?newest=1'],
    ])('given a bad %s, %s, answers 422', async (field, query) => {
      const { orderId } = await place();
      expect(invalid(await ask(orderId, query)).join()).toContain(field);
    });

    it('given both a version and a time, answers 422', async () => {
      const { orderId } = await place();
      invalid(await ask(orderId, '?version=1&asOf=2999-01-01T00:00:00Z'));
    });
  });
}

/** An order with two events whose times differ. */
async function twoMoments() {
  const { orderId } = await place();
  await sleep(5);
  await change('confirm', orderId);
  const { createdAt, updatedAt } = json<OrderView>(await ask(orderId));
  return { orderId, created: createdAt, confirmed: updatedAt };
}

function earlier(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString();
}
