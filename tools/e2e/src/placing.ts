import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrderClient, eventually } from '@chronicle/tool-system';
import type { CommandResult } from '@chronicle/tool-system';
import { accepted, json } from './answers.js';
import { BOOK, readOrder } from './orders.js';
import { shared } from './system-under-test.js';

/** Four clients that place at most four hundred orders a second in all, which are read again one by one. */
export const PLACING_CLIENTS = 4;
const PACE_MS = 10;
const CHECKED_AT_ONCE = 16;
/** A bound for what hangs. */
const ANSWERED_MS = 60_000;
const TAKEN_OVER_MS = 60_000;

/** An order that was sent, and what its client was told. */
export interface SentOrder {
  readonly body: Record<string, unknown>;
  readonly result: CommandResult;
}

/**
 * Has clients place one order after another, through whatever `body` does to the processes behind, until it is done. `body` may
 * wait until so many more orders are `answered`. Resolves with every order that was sent.
 */
export async function whilePlacing(
  body: (answered: (count: number) => Promise<void>) => Promise<void>,
): Promise<readonly SentOrder[]> {
  const client = new OrderClient(shared().commands);
  const sent: SentOrder[] = [];
  const isDone = new AbortController();
  const working = Promise.all(Array.from({ length: PLACING_CLIENTS }, () => placeUntil(isDone.signal, client, sent)));
  try {
    await body(async (count) => {
      const goal = answeredOf(sent).length + count;
      await eventually(() => assert.ok(answeredOf(sent).length >= goal, `too few answers of ${goal}`), ANSWERED_MS);
    });
  } finally {
    isDone.abort();
    await working;
  }
  return sent;
}

/** Every order that was answered is in the event store, and is read as it is there. */
export async function expectAnsweredThere(sent: readonly SentOrder[]): Promise<void> {
  const answered = answeredOf(sent);
  for (let first = 0; first < answered.length; first += CHECKED_AT_ONCE) {
    const next = answered.slice(first, first + CHECKED_AT_ONCE);
    await Promise.all(next.map(({ result }) => expectThere(result.orderId!)));
  }
}

/** No order of which this was told is among those of its customer. */
export async function expectNotThere(sent: readonly SentOrder[], outcome: 'refused' | 'unknown'): Promise<void> {
  for (const { body, result } of sent) {
    if (result.outcome !== outcome) continue;
    const listed = json(await shared().queries.get(`/v1/customers/${String(body['customerId'])}/orders`));
    assert.deepEqual(listed, { orders: [], nextCursor: null });
  }
}

/** Sent again, with its key, an order is accepted of which nobody told whether it was placed. */
export async function settleUnknown(sent: readonly SentOrder[]): Promise<void> {
  for (const { body, result } of sent) {
    if (result.outcome !== 'unknown') continue;
    const headers = { 'idempotency-key': result.idempotencyKey! };
    accepted(await shared().commands.post('/v1/orders', body, headers), 201);
  }
}

async function placeUntil(signal: AbortSignal, client: OrderClient, sent: SentOrder[]): Promise<void> {
  while (!signal.aborted) {
    const body = { customerId: randomUUID(), currency: 'EUR', items: [BOOK] };
    const result = await client.execute({ command: 'create', ...body }, { idempotencyKey: randomUUID() });
    sent.push({ body, result });
    await sleep(PACE_MS);
  }
}

function answeredOf(sent: readonly SentOrder[]): readonly SentOrder[] {
  return sent.filter(({ result }) => result.outcome === 'ok');
}

async function expectThere(orderId: string): Promise<void> {
  const told = json(await shared().commands.get(`/v1/orders/${orderId}/state`));
  // The buckets of a worker that was killed are taken over when its heartbeat has stood still: longer than one request may wait.
  assert.deepEqual(await eventually(async () => json(await readOrder(orderId)), TAKEN_OVER_MS), told);
}
