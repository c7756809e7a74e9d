import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, openTopicReader } from '@chronicle/engine';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { createApp } from '@chronicle/service-host';
import { consumerService } from '@chronicle/worker-host';
import { service } from './service.js';

const orderId = '019ac0de-0000-7000-8000-00000000000a';
const customerId = '019ac0de-0000-7000-8000-00000000000c';
const items = [{ productId: 'p', quantity: 2, unitPrice: 1999 }];
const life: readonly OrderEvent[] = [
  { type: 'OrderCreated', data: { orderId, customerId, currency: 'EUR', items } },
  { type: 'OrderConfirmed', data: { orderId, customerId } },
];
const now = '2026-11-25T19:03:21.123Z';

describe('publisher', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'publisher-'));
  const opened: { close(): Promise<unknown> }[] = [];
  afterAll(async () => {
    for (const one of opened) await one.close();
    rmSync(dataDir, { recursive: true });
  });

  it('given an order was created and confirmed, then both events are in the topic, in order', async () => {
    const surroundings = { clock: systemClock, entropy: systemEntropy };
    const engine = await openEngine({ engine: 'embedded', dataDir }, surroundings);
    opened.push(engine);
    const store = await engine.eventStore('write');
    const events = life.map((event, index) => ({
      ...orderEventCodec.encode(event),
      eventId: `event ${index}`,
      causationId: 'cause',
      correlationId: 'flow',
      userId: null,
      metadata: {},
    }));
    const command = { key: 'key', bodyHash: 'hash' };
    await store.append({ aggregateId: orderId, aggregateType: 'Order', expected: 'none', events, now, command });

    const app = await createApp(consumerService(service), { env: { DATA_DIR: dataDir, LOG_LEVEL: 'silent' } });
    opened.push(app);
    expect(await caughtUp(app)).toMatchObject({ group: 'external-publisher', paused: false, parked: 0 });

    const topic = await openTopicReader({ engine: 'embedded', dataDir }, 'orders.events');
    opened.push(topic);
    const partitions = Array.from({ length: await topic.partitions() }, (_, partition) => topic.read(partition, 0));
    const messages = (await Promise.all(partitions)).flat();
    expect(messages).toEqual(
      events.map((event, index) => ({
        partition: messages[0]!.partition,
        offset: index,
        key: orderId,
        value: event.eventData,
        headers: {
          ce_specversion: '1.0',
          'content-type': 'application/json',
          ce_id: `event ${index}`,
          ce_type: event.eventType,
          ce_source: `/orders/${orderId}`,
          ce_subject: orderId,
          ce_time: now,
          ce_sequence: `000000000000000000${index + 1}`,
          ce_correlationid: 'flow',
          ce_causationid: 'cause',
          ce_dataschema: `urn:chronicle:orders:${event.eventType}:${event.eventVersion}`,
          ce_storeepoch: '1',
        },
      })),
    );
    expect(await app.close()).toEqual({ outcome: 'finished' });
  });
});

async function caughtUp(app: Awaited<ReturnType<typeof createApp>>): Promise<unknown> {
  for (let asked = 0; asked < 500; asked += 1) {
    const status = (await app.http.inject({ url: '/admin/status' })).json();
    if (status.lag.events === 0 && status.buckets.length > 0) return status;
    await systemClock.sleep(10);
  }
  throw new Error('the worker did not catch up in time');
}
