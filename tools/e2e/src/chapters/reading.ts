import { randomUUID } from 'node:crypto';
import { TIME, accepted, invalid, json, problem } from '../answers.js';
import { auditPage } from '../audit-trail.js';
import { BOOK, change, place, placeAt, readOrder } from '../orders.js';
import type { OrderView } from '../orders.js';
import { shared } from '../system-under-test.js';

const get = (path: string, headers?: Record<string, string>) => shared().queries.get(`/v1/orders/${path}`, headers);

/** GET /v1/orders/{id} of query-service. */
export function reading(): void {
  describe('an order in the read model', () => {
    it('has exactly the fields of the contract, times of its events and an ETag', async () => {
      const { orderId, customerId } = await placeAt('CONFIRMED');
      const answer = await readOrder(orderId, 2);
      const { events } = await auditPage(orderId);
      expect(json<OrderView>(answer)).toEqual({
        orderId,
        customerId,
        status: 'CONFIRMED',
        currency: 'EUR',
        items: [BOOK],
        total: 3998,
        trackingNumber: null,
        carrier: null,
        signature: null,
        cancelReason: null,
        createdAt: events[0]!.timestamp,
        updatedAt: events[1]!.timestamp,
        version: 2,
      });
      expect(events[0]!.timestamp).toMatch(TIME);
      expect(answer.headers.etag).toBe('"2"');
    });

    it('is found under its id in either case', async () => {
      const { orderId } = await place();
      expect(json<OrderView>(await readOrder(orderId.toUpperCase())).orderId).toBe(orderId);
    });

    it('is the same as command-service tells from the events, to the letter', async () => {
      for (const status of ['DELIVERED', 'CANCELLED'] as const) {
        const { orderId, version } = await placeAt(status);
        const read = json<OrderView>(await readOrder(orderId, version));
        expect(read).toEqual(json(await shared().commands.get(`/v1/orders/${orderId}/state`)));
      }
    });

    it('that does not exist, or whose id is no UUID, is not found', async () => {
      problem(await get(randomUUID()), 404, 'order-not-found');
      problem(await get('no-uuid'), 404, 'order-not-found');
    });
  });

  describe('If-None-Match', () => {
    it.each(['"1"', 'W/"1"', '*', '"7", "1"'])('given %s for version 1, answers 304 without a body', async (text) => {
      const { orderId } = await place();
      await readOrder(orderId);
      const answer = await get(orderId, { 'if-none-match': text });
      expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, '', '"1"']);
    });

    it('given another version, answers the order', async () => {
      const { orderId } = await placeAt('CONFIRMED');
      const answer = await readOrder(orderId, 2, { 'if-none-match': '"1"' });
      expect(json<OrderView>(answer).version).toBe(2);
    });
  });

  describe('minVersion', () => {
    it('waits until one can read what one has written', async () => {
      const { orderId } = await place();
      expect(json<OrderView>(await get(`${orderId}?minVersion=1`)).version).toBe(1);
      for (let version = 2; version <= 10; version += 1) {
        expect(accepted(await change('items', orderId)).version).toBe(version);
        expect(json<OrderView>(await get(`${orderId}?minVersion=${version}`)).version).toBe(version);
      }
    });

    it('that does not come in time: 409 not-yet-visible with Retry-After, when the wait is over', async () => {
      const { orderId } = await place();
      for (const [id, version] of [
        [orderId, 2],
        [randomUUID(), 1],
      ] as const) {
        const before = performance.now();
        const answer = await get(`${id}?minVersion=${version}&waitMs=300`);
        const waited = performance.now() - before;
        problem(answer, 409, 'not-yet-visible');
        expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
        expect(waited).toBeGreaterThanOrEqual(295);
        expect(waited).toBeLessThan(1500);
      }
    });

    it('with waitMs=0 does not wait', async () => {
      const before = performance.now();
      problem(await get(`${randomUUID()}?minVersion=1&waitMs=0`), 409, 'not-yet-visible');
      expect(performance.now() - before).toBeLessThan(250);
    });

    it('of 0 asks for nothing: an order that does not exist is not found', async () => {
      problem(await get(`${randomUUID()}?minVersion=0`), 404, 'order-not-found');
    });

    it.each([
      'minVersion=-1',
      'minVersion=x',
      'minVersion=',
      'waitMs=10001',
      'waitMs=1.5',
      'waitMs=1&waitMs=1',
      'wait=1',
    ])('given %s, answers 422', async (query) => {
      expect(invalid(await get(`${randomUUID()}?${query}`))).toEqual([query.split('=')[0]]);
    });
  });
}
