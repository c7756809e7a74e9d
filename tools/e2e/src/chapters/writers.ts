import { randomUUID } from 'node:crypto';
import { OrderClient, eventually } from '@chronicle/tool-system';
import type { CommandResult } from '@chronicle/tool-system';
import { json } from '../answers.js';
import { auditPage } from '../audit-trail.js';
import { BOOK, place, readOrder } from '../orders.js';
import type { OrderView } from '../orders.js';
import { SECOND_WRITER, shared } from '../system-under-test.js';

const FIRST_WRITER = 'command-service';
/** The promise of the repair, while any command-service lives. */
const REPAIRED_MS = 15_000;
const ORDERS = 4;
const COMMANDS_OF_AN_ORDER = 20;
/** How often a command is sent again that others were always faster than. */
const ROUNDS_MAX = 20;

/** Several command-services on one store: what a cluster can, and a file of one machine need not. */
export function writers(): void {
  describe('two replicas of command-service', () => {
    it('append to the same orders at once: every command is one event, and all of them stand in one order', async () => {
      const clients = [FIRST_WRITER, SECOND_WRITER].map((app) => new OrderClient(shared().client(app)));
      const orders = await Promise.all(Array.from({ length: ORDERS }, () => place()));
      await Promise.all(
        orders.map(async ({ orderId }) => {
          const results = await Promise.all(
            Array.from({ length: COMMANDS_OF_AN_ORDER }, (_, index) => sendUntilOk(clients[index % 2]!, orderId)),
          );
          const told = results.map(({ version, commandId }) => [version, commandId] as const);
          const { events } = await auditPage(orderId);
          expect(events.slice(1).map(({ sequenceNumber, causationId }) => [sequenceNumber, causationId])).toEqual(
            told.sort(([a], [b]) => a! - b!),
          );
          const last = COMMANDS_OF_AN_ORDER + 1;
          expect(events).toHaveLength(last);
          expect(json<OrderView>(await readOrder(orderId, last)).version).toBe(last);
        }),
      );
    });

    it('given one is killed between commit and change log, the other brings the order to its readers', async () => {
      const { system } = shared();
      const before = await published(FIRST_WRITER);
      const orderId = await placeWithoutChangeLog();
      const killedAt = performance.now();
      await system.hold(SECOND_WRITER);
      await eventually(async () => json(await readOrder(orderId)), 2 * REPAIRED_MS);
      expect(performance.now() - killedAt).toBeLessThan(REPAIRED_MS);
      expect(await published(FIRST_WRITER)).toBeGreaterThan(before);
      await system.start(SECOND_WRITER);
    });

    it('given the only one is killed there, its successor does', async () => {
      const { system } = shared();
      await system.hold(FIRST_WRITER);
      const orderId = await placeWithoutChangeLog();
      await system.whenReady(SECOND_WRITER);
      const readyAt = performance.now();
      await eventually(async () => json(await readOrder(orderId)), 2 * REPAIRED_MS);
      expect(performance.now() - readyAt).toBeLessThan(REPAIRED_MS);
      expect(await published(SECOND_WRITER)).toBeGreaterThan(0);
      await system.start(FIRST_WRITER);
    });
  });
}

/** Sends one command, with one key, until it is accepted: whoever is overtaken all the time is told so, and asks again. */
async function sendUntilOk(client: OrderClient, orderId: string): Promise<CommandResult> {
  const headers = { idempotencyKey: randomUUID() };
  for (let round = 1; ; round += 1) {
    const result = await client.execute({ command: 'items', orderId, items: [BOOK] }, headers);
    if (result.outcome === 'ok') return result;
    expect(result.code).toBe('concurrent-modification');
    expect(round).toBeLessThan(ROUNDS_MAX);
  }
}

/** Has the second replica place an order, and die when it is committed and not in the change log. */
async function placeWithoutChangeLog(): Promise<string> {
  const { system } = shared();
  await system.restart(SECOND_WRITER, { FAILPOINT: 'before-outbox:1:exit' });
  const orderId = randomUUID();
  const client = new OrderClient(shared().client(SECOND_WRITER));
  await client.execute({ command: 'create', orderId, customerId: randomUUID(), currency: 'EUR', items: [BOOK] });
  await eventually(() => {
    expect(system.logs(SECOND_WRITER)).toContainEqual(expect.stringContaining('failpoint before-outbox: exit'));
  });
  return orderId;
}

/** How many events of dead writers an app has brought into the change log. */
async function published(app: string): Promise<number> {
  const { text } = await shared().client(app).get('/metrics');
  return Number(/^store_repairs_total\{[^}]*outcome="published"[^}]*\} (\d+)$/m.exec(text)?.[1]);
}
