import { randomUUID } from 'node:crypto';
import { openWriter } from '@chronicle/engine';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { eventually } from '@chronicle/tool-system';
import { statusOf } from '../admin-status.js';
import { TIME, json, problem } from '../answers.js';
import { auditPage } from '../audit-trail.js';
import type { AuditedEvent } from '../audit-trail.js';
import { place, placeAt, readOrder } from '../orders.js';
import type { OrderView } from '../orders.js';
import { SECOND_REPLICA, shared } from '../system-under-test.js';

const PROJECTIONS = ['order-read-model-projection', 'orders-by-customer-projection', 'orders-by-status-projection'];
/** A schema version that no worker knows: only a newer command-service could have written it. */
const VERSION_OF_THE_FUTURE = 99;

interface Parked {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly eventType: string;
  readonly reason: string;
  readonly since: string;
}
const parkedOf = async (app: string) =>
  json<{ parked: Parked[] }>(await shared().client(app).get('/admin/parked')).parked;
const post = (app: string, path: string, body?: unknown) => shared().client(app).post(`/admin/parked/${path}`, body);

/** An event that cannot be handled: its order waits, all others flow. */
export function parking(): void {
  describe('an event that a worker does not know', () => {
    it('parks its order alone, redrive tries again, and only a person skips it', async () => {
      const { orderId, customerId } = await place();
      await plantUnknownThenConfirm(orderId, customerId);
      for (const app of PROJECTIONS) {
        await eventually(async () => expect((await statusOf(app)).parked).toBe(1));
        expect(await parkedOf(app)).toEqual([
          {
            aggregateId: orderId,
            sequenceNumber: 2,
            eventType: expect.stringMatching(/./),
            reason: expect.stringMatching(/./),
            since: expect.stringMatching(TIME),
          },
        ]);
      }
      expect(json<OrderView>(await readOrder(orderId)).version).toBe(1);
      const other = await placeAt('CONFIRMED');
      expect(json<OrderView>(await readOrder(other.orderId, 2)).version).toBe(2);

      json(await post(SECOND_REPLICA, `${orderId}/redrive`));
      await eventually(async () => expect(await parkedOf(PROJECTIONS[0]!)).toHaveLength(1));
      expect(json<OrderView>(await readOrder(orderId)).version).toBe(1);

      for (const app of PROJECTIONS) {
        expect(json(await post(app, `${orderId.toUpperCase()}/skip`, { reason: 'written by a test' }))).toMatchObject({
          paused: false,
        });
        await eventually(async () => expect((await statusOf(app)).parked).toBe(0));
        expect(await parkedOf(app)).toEqual([]);
        problem(await post(app, `${orderId}/redrive`), 404, 'not-parked');
      }
      expect(json<OrderView>(await readOrder(orderId, 3))).toMatchObject({ status: 'CONFIRMED', version: 3 });
    });
  });
}

/** Appends what no command could: an event of a version to come, and a known one after it. */
async function plantUnknownThenConfirm(orderId: string, customerId: string): Promise<void> {
  const confirmed = (await auditPage((await placeAt('CONFIRMED')).orderId)).events[1]!;
  const { store, close } = await openWriter(shared().system.engine, { clock, entropy });
  try {
    const planted = await store.append({
      aggregateId: orderId,
      aggregateType: confirmed.aggregateType,
      expected: 1,
      events: [VERSION_OF_THE_FUTURE, confirmed.eventVersion].map((version) =>
        draft(confirmed, version, { orderId, customerId }),
      ),
      now: new Date().toISOString(),
      command: { key: randomUUID(), bodyHash: 'planted' },
    });
    expect(planted).toMatchObject({ outcome: 'appended', lastSequence: 3 });
  } finally {
    await close();
  }
}

function draft(like: AuditedEvent, eventVersion: number, data: Record<string, unknown>) {
  return {
    eventId: randomUUID(),
    eventType: like.eventType,
    eventVersion,
    eventData: JSON.stringify(data),
    causationId: randomUUID(),
    correlationId: randomUUID(),
    userId: null,
    metadata: { commandId: randomUUID() },
  };
}
