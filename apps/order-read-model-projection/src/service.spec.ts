import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@chronicle/engine';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import { orderReadModel } from '@chronicle/orders-read-models';
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

/** The row of the order in every read model. */
const row = {
  order_id: orderId,
  customer_id: customerId,
  status: 'CONFIRMED',
  currency: 'EUR',
  items: JSON.stringify(items),
  total: 3998,
  tracking_number: null,
  carrier: null,
  signature: null,
  cancel_reason: null,
  created_at: now,
  updated_at: now,
  version: 2,
};

describe('order-read-model-projection', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'order-read-model-projection-'));
  const opened: { close(): Promise<unknown> }[] = [];
  afterAll(async () => {
    for (const one of opened) await one.close();
    rmSync(dataDir, { recursive: true });
  });

  it('given an order was created and confirmed, then its row is found by its id', async () => {
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
    expect(await caughtUp(app)).toMatchObject({ group: 'order-read-model-projection', paused: false, parked: 0 });

    const reader = await engine.readModel(orderReadModel);
    expect(await reader.find({ order_id: orderId })).toEqual(row);
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
