import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrderClient } from '@chronicle/tool-system';
import type { CommandResult } from '@chronicle/tool-system';
import { accepted, json } from './answers.js';
import { BOOK, readOrder } from './orders.js';
import type { OrderView } from './orders.js';
import { shared } from './system-under-test.js';

/** Four clients that place at most four hundred orders a second in all, which are read again one by one. */
const CLIENTS = 4;
const PACE_MS = 10;
const CHECKED_AT_ONCE = 16;

/** Orders that were sent, and what was told of them. */
export class Placing {
  readonly sent: { readonly body: Record<string, unknown>; readonly result: CommandResult }[] = [];
  private isStopped = false;
  private readonly working: Promise<unknown>;

  /** Starts clients that place one order after another, through whatever happens to the processes behind. */
  constructor() {
    const client = new OrderClient(shared().commands);
    this.working = Promise.all(Array.from({ length: CLIENTS }, () => this.place(client)));
  }

  get results(): readonly CommandResult[] {
    return this.sent.map(({ result }) => result);
  }

  /** Resolves when every client has heard, or missed, its last answer. */
  async stop(): Promise<readonly CommandResult[]> {
    this.isStopped = true;
    await this.working;
    return this.results;
  }

  /** Sends again what nobody told the outcome of: the same keys must be accepted. */
  async settleUnknown(): Promise<void> {
    for (const { body, result } of this.sent) {
      if (result.outcome !== 'unknown') continue;
      const headers = { 'idempotency-key': result.idempotencyKey! };
      accepted(await shared().commands.post('/v1/orders', body, headers), 201);
    }
  }

  private async place(client: OrderClient): Promise<void> {
    while (!this.isStopped) {
      const body = { customerId: randomUUID(), currency: 'EUR', items: [BOOK] };
      const result = await client.execute({ command: 'create', ...body }, { idempotencyKey: randomUUID() });
      this.sent.push({ body, result });
      await sleep(PACE_MS);
    }
  }
}

/** Every order that was answered is in the event store, and is read as it is there. */
export async function expectAllThere(results: readonly CommandResult[]): Promise<void> {
  const placed = results.filter(({ outcome }) => outcome === 'ok');
  assert.ok(placed.length > 10, `${placed.length} orders were answered: too few to tell anything`);
  for (let first = 0; first < placed.length; first += CHECKED_AT_ONCE) {
    await Promise.all(placed.slice(first, first + CHECKED_AT_ONCE).map(({ orderId }) => expectThere(orderId!)));
  }
}

async function expectThere(orderId: string): Promise<void> {
  const told = json<OrderView & Record<string, unknown>>(await shared().commands.get(`/v1/orders/${orderId}/state`));
  assert.deepEqual(json(await readOrder(orderId)), told);
}
