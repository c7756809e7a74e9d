import { randomUUID } from 'node:crypto';
import { HttpClient, OrderClient, eventually } from '@chronicle/tool-system';
import type { OrderCommand, System } from '@chronicle/tool-system';
import type { CrashRun } from './crash-run.js';
import { sendOnce } from './load.js';

const SENT_MS_MAX = 60_000;

/** An order with so many events, made by a client of the run. */
export async function orderOf({ system, load }: CrashRun, events: number): Promise<string> {
  const http = new HttpClient(system.url('command-service'));
  const client = new OrderClient(http);
  const items = [{ productId: 'product', quantity: 1, unitPrice: 1999 }];
  const send = async (command: OrderCommand) => {
    const sent = load.journal.open({ causationId: randomUUID(), command, key: randomUUID(), ifMatch: null });
    await eventually(async () => expect((await sendOnce(sent, client)).outcome).toBe('ok'), SENT_MS_MAX);
    return sent.orderId!;
  };
  const orderId = await send({ command: 'create', customerId: randomUUID(), currency: 'EUR', items });
  for (let event = 2; event <= events; event += 1) await send({ command: 'items', orderId, items, reason: `${event}` });
  http.close();
  return orderId;
}

/** Throws until query-service has the order at that version. */
export async function showsVersion(system: System, orderId: string, version: number): Promise<void> {
  const http = new HttpClient(system.url('query-service'));
  const { text } = await http.get(`/v1/orders/${orderId}`).finally(() => http.close());
  expect(JSON.parse(text)).toMatchObject({ version });
}
