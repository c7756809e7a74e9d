import { randomUUID } from 'node:crypto';
import type { TopicReader, TopicRecord } from '@chronicle/relay-core';
import { DemoFailedError } from './demo-narrator.js';
import type { DemoNarrator } from './demo-narrator.js';
import { eventually } from './eventually.js';
import type { HttpClient } from './http-client.js';

/** Whom the demo talks to. */
export interface DemoStage {
  readonly commands: HttpClient;
  readonly queries: HttpClient;
  /** Undefined when the topic cannot be read from here. */
  readonly topic: TopicReader | undefined;
  readonly narrator: DemoNarrator;
}

interface AuditedEvent {
  readonly sequenceNumber: number;
  readonly eventType: string;
  readonly timestamp: string;
  readonly correlationId: string;
}

const BOOK = { productId: 'book', quantity: 1, unitPrice: 2490 };
const PEN = { productId: 'pen', quantity: 3, unitPrice: 150 };

/** Takes two orders through their lives and shows what each part of the system makes of it. Throws {@link DemoFailedError}. */
export async function tellDemo(stage: DemoStage): Promise<void> {
  const customerId = randomUUID();
  const orderId = await placeAndRepeat(stage, customerId);
  await changeAndRefuse(stage, orderId);
  await fulfil(stage, orderId);
  await cancelAnother(stage, customerId);
  await lookBack(stage, orderId);
  await readModels(stage, customerId);
  await published(stage, orderId);
}

async function placeAndRepeat({ commands, queries, narrator }: DemoStage, customerId: string): Promise<string> {
  const creation = {
    headers: { 'idempotency-key': `demo-${randomUUID()}` },
    json: { customerId, currency: 'EUR', items: [BOOK] },
  };
  narrator.chapter('A customer places an order');
  const first = await narrator.ask(commands, 'POST', '/v1/orders', 201, creation);
  narrator.chapter('The answer got lost, so the customer sends it again: the same key, the same answer, one order');
  const again = await narrator.ask(commands, 'POST', '/v1/orders', 201, creation);
  expectSame('the answer to a repeat', again['orderId'], first['orderId']);
  narrator.chapter('Read your writes: query-service waits until its read model has seen version 1');
  await narrator.ask(queries, 'GET', `/v1/orders/${String(first['orderId'])}?minVersion=1`, 200);
  return String(first['orderId']);
}

async function changeAndRefuse({ commands, narrator }: DemoStage, orderId: string): Promise<void> {
  const path = `/v1/orders/${orderId}`;
  narrator.chapter('Two people change the order at once: the one who has not seen the newest version is told so');
  const change = { headers: { 'if-match': '"1"' }, json: { items: [BOOK, PEN], reason: 'and three pens' } };
  await narrator.ask(commands, 'PUT', `${path}/items`, 200, change);
  await narrator.ask(commands, 'PUT', `${path}/items`, 412, { ...change, json: { items: [PEN] } });
  narrator.chapter('A rule of the order: nothing is shipped that was not confirmed');
  await narrator.ask(commands, 'POST', `${path}/ship`, 409, { json: { trackingNumber: 'T-1', carrier: 'DHL' } });
}

async function fulfil({ commands, narrator }: DemoStage, orderId: string): Promise<void> {
  const path = `/v1/orders/${orderId}`;
  narrator.chapter('Confirm, ship, deliver: one command, one event, one version');
  await narrator.ask(commands, 'POST', `${path}/confirm`, 200);
  await narrator.ask(commands, 'POST', `${path}/ship`, 200, { json: { trackingNumber: 'T-1', carrier: 'DHL' } });
  await narrator.ask(commands, 'POST', `${path}/deliver`, 200, { json: { signature: 'R. Receiver' } });
  narrator.chapter('Too late to cancel');
  await narrator.ask(commands, 'POST', `${path}/cancel`, 409);
}

async function cancelAnother({ commands, narrator }: DemoStage, customerId: string): Promise<void> {
  narrator.chapter('Another order of the same customer is cancelled');
  const creation = { json: { customerId, currency: 'EUR', items: [PEN] } };
  const { orderId } = await narrator.ask(commands, 'POST', '/v1/orders', 201, creation);
  await narrator.ask(commands, 'POST', `/v1/orders/${String(orderId)}/cancel`, 200, { json: { reason: 'found one' } });
}

async function lookBack({ commands, narrator }: DemoStage, orderId: string): Promise<void> {
  const path = `/v1/orders/${orderId}`;
  narrator.chapter('Time travel: the order as it was at version 2, and at the moment it was confirmed');
  await narrator.ask(commands, 'GET', `${path}/state?version=2`, 200);
  const events = await eventsOf(commands, orderId);
  await narrator.ask(commands, 'GET', `${path}/state?asOf=${events[2]!.timestamp}`, 200);
  narrator.chapter('The audit trail: every event, when, and in which flow');
  for (const event of events) {
    narrator.say(
      `${event.sequenceNumber}  ${event.timestamp}  ${event.eventType.padEnd(20)} flow ${event.correlationId}`,
    );
  }
}

async function readModels({ queries, narrator }: DemoStage, customerId: string): Promise<void> {
  narrator.chapter('The read models: the orders of the customer, and the newest of those delivered');
  const path = `/v1/customers/${customerId}/orders`;
  await eventually(async () => {
    const { text } = await queries.get(path);
    const { orders } = JSON.parse(text) as { orders?: { status: string }[] };
    const statuses = orders?.map(({ status }) => status).sort();
    expectSame(`the orders of the customer in ${path}`, statuses?.join(), 'CANCELLED,DELIVERED');
  });
  await narrator.ask(queries, 'GET', path, 200);
  await narrator.ask(queries, 'GET', '/v1/orders?status=DELIVERED&limit=1', 200);
}

async function published({ commands, topic, narrator }: DemoStage, orderId: string): Promise<void> {
  narrator.chapter('What the rest of the world hears: CloudEvents on the topic orders.events');
  if (!topic) return narrator.say('(skipped: the topic is not on this machine; name its folder with --data-dir)');
  const { length } = await eventsOf(commands, orderId);
  const records = await eventually(async () => {
    const found = await recordsOf(topic, orderId);
    expectSame(`the messages of order ${orderId}`, found.length, length);
    return found;
  });
  for (const { partition, offset, headers } of records) {
    narrator.say(
      `partition ${partition} offset ${offset}  ${String(headers['ce_type']).padEnd(20)} sequence ${Number(headers['ce_sequence'])}`,
    );
  }
}

async function eventsOf(commands: HttpClient, orderId: string): Promise<AuditedEvent[]> {
  const { text } = await commands.get(`/v1/orders/${orderId}/events`);
  return (JSON.parse(text) as { events: AuditedEvent[] }).events;
}

async function recordsOf(topic: TopicReader, key: string): Promise<TopicRecord[]> {
  const found: TopicRecord[] = [];
  for (let partition = 0; partition < (await topic.partitions()); partition += 1) {
    for (let offset = 0; offset < (await topic.end(partition));) {
      const page = await topic.read(partition, offset);
      found.push(...page.filter((record) => record.key === key));
      offset = page.at(-1)!.offset + 1;
    }
  }
  return found;
}

function expectSame(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new DemoFailedError(`${what}: expected ${String(expected)}, found ${String(found)}`);
}
