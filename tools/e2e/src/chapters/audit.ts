import { randomUUID } from 'node:crypto';
import { TIME, UUID, accepted, invalid, problem } from '../answers.js';
import { auditPage } from '../audit-trail.js';
import { BODIES, BOOK, change, creation, place, placeAt } from '../orders.js';
import { shared } from '../system-under-test.js';

/** GET /v1/orders/{id}/events: who did what, and why. */
export function audit(): void {
  describe('the audit trail', () => {
    it('tells every event, ascending, in full', async () => {
      const { orderId, customerId } = await placeAt('DELIVERED');
      const page = await auditPage(orderId);
      expect(Object.keys(page).sort()).toEqual(['events', 'nextFrom']);
      expect(page.nextFrom).toBeNull();
      for (const event of page.events) expect(event).toEqual(eventShape(orderId));
      expect(page.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3, 4]);
      expect(new Set(page.events.map(({ eventType }) => eventType)).size).toBe(4);
      expect(new Set(page.events.map(({ hash }) => hash)).size).toBe(4);
      expect(page.events.map(({ eventData }) => eventData)).toEqual([
        { orderId, customerId, currency: 'EUR', items: [BOOK] },
        { orderId, customerId },
        { orderId, customerId, ...BODIES.ship },
        { orderId, customerId, ...BODIES.deliver },
      ]);
    });

    it('tells optional fields that were absent as null', async () => {
      const first = await place();
      await change('items', first.orderId, {}, { items: [BOOK] });
      await change('cancel', first.orderId, {}, {});
      const { events } = await auditPage(first.orderId);
      expect(events.map(({ eventData }) => eventData['reason'])).toEqual([undefined, null, null]);
      const second = await placeAt('SHIPPED');
      await change('deliver', second.orderId, {}, {});
      expect((await auditPage(second.orderId)).events.at(-1)!.eventData['signature']).toBeNull();
    });

    it('tells the flow and the cause: those that were sent, else the command itself', async () => {
      const [correlationId, causationId] = [randomUUID(), randomUUID()];
      const created = accepted(
        await shared().commands.post('/v1/orders', creation(), {
          'x-correlation-id': correlationId.toUpperCase(),
          'x-causation-id': causationId.toUpperCase(),
        }),
        201,
      );
      const confirmed = accepted(await change('confirm', created.orderId, { 'x-correlation-id': correlationId }));
      const { events } = await auditPage(created.orderId);
      expect(events.map((event) => [event.correlationId, event.causationId])).toEqual([
        [correlationId, causationId],
        [correlationId, confirmed.commandId],
      ]);
    });

    it('never goes back in time', async () => {
      const { orderId } = await placeAt('DELIVERED');
      const times = (await auditPage(orderId)).events.map(({ timestamp }) => timestamp);
      expect(times).toEqual([...times].sort());
    });

    it('comes in pages', async () => {
      const { orderId } = await place();
      for (let count = 0; count < 6; count += 1) await change('items', orderId);
      const sequences = async (query: string) => {
        const page = await auditPage(orderId, query);
        return [page.events.map(({ sequenceNumber }) => sequenceNumber), page.nextFrom];
      };
      expect(await sequences('?limit=3')).toEqual([[1, 2, 3], 4]);
      expect(await sequences('?limit=3&from=4')).toEqual([[4, 5, 6], 7]);
      expect(await sequences('?limit=3&from=7')).toEqual([[7], null]);
      expect(await sequences('?limit=4&from=4')).toEqual([[4, 5, 6, 7], null]);
      expect(await sequences('?from=8')).toEqual([[], null]);
    });

    it('has 50 events a page unless asked for up to 200', async () => {
      const { orderId } = await place();
      for (let count = 0; count < 50; count += 1) await change('items', orderId);
      expect(await auditPage(orderId)).toMatchObject({ nextFrom: 51 });
      expect((await auditPage(orderId, '?limit=200')).events).toHaveLength(51);
    });

    it.each(['from=0', 'from=a', 'limit=0', 'limit=201', 'limit=1e1', 'limit=5&limit=5', 'to=3'])(
      'given %s, answers 422',
      async (query) => {
        const { orderId } = await place();
        expect(invalid(await shared().commands.get(`/v1/orders/${orderId}/events?${query}`))).toEqual([
          query.split('=')[0],
        ]);
      },
    );

    it('of an order that does not exist is not found', async () => {
      problem(await shared().commands.get(`/v1/orders/${randomUUID()}/events`), 404, 'order-not-found');
      problem(await shared().commands.get('/v1/orders/no-uuid/events'), 404, 'order-not-found');
    });
  });
}

/** What every event of `aggregateId` looks like, whatever it says. */
function eventShape(aggregateId: string): Record<string, unknown> {
  return {
    eventId: expect.stringMatching(UUID),
    aggregateId,
    aggregateType: expect.stringMatching(/./),
    sequenceNumber: expect.any(Number),
    eventType: expect.stringMatching(/./),
    eventVersion: expect.any(Number),
    eventData: expect.objectContaining({ orderId: aggregateId, customerId: expect.stringMatching(UUID) }),
    causationId: expect.stringMatching(UUID),
    correlationId: expect.stringMatching(UUID),
    userId: null,
    timestamp: expect.stringMatching(TIME),
    metadata: expect.any(Object),
    hash: expect.stringMatching(/./),
  };
}
