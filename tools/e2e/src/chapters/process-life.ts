import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, OrderClient, eventually } from '@chronicle/tool-system';
import { accepted, json } from '../answers.js';
import { BOOK, change, creation, place, readOrder } from '../orders.js';
import type { OrderView } from '../orders.js';
import { PLACING_CLIENTS, expectAnsweredThere, expectNotThere, settleUnknown, whilePlacing } from '../placing.js';
import { APPS_AND_A_REPLICA, shared } from '../system-under-test.js';

/** Orders that are answered before something happens to processes, and again after it. */
const SOME = 20;

/** How the processes begin and end, and what outlives them. */
export function processLife(): void {
  describe.each(APPS)('$name', ({ name, entry }) => {
    it('refuses to listen where others can reach it while AUTH_MODE is off', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'e2e-refused-'));
      const child = spawn(process.execPath, [entry], {
        env: { PATH: process.env['PATH'], HOST: '0.0.0.0', PORT: '0', DATA_DIR: dataDir, AUTH_MODE: 'off' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk) => (said += String(chunk)));
      const [code] = (await once(child, 'exit')) as [number | null];
      expect(code).toBeGreaterThan(0);
      expect(said).toMatch(/AUTH_MODE/);
      expect(said).toMatch(/HOST/);
      rmSync(dataDir, { recursive: true, force: true });
    });

    it('ends with 0 within 10 s of SIGTERM, and starts again within 5 s', async () => {
      const before = performance.now();
      await shared().system.kill(name, 'SIGTERM');
      await eventually(() => {
        expect(shared().system.logs(name)).toContainEqual(expect.stringContaining('ended by itself (exit code 0)'));
      });
      expect(performance.now() - before).toBeLessThan(10_000);
      await shared().system.whenReady(name);
    });
  });

  describe('a client while command-service is told to end', () => {
    it('gets every answer that was under way, and nothing is lost', async () => {
      const sent = await whilePlacing(async (answered) => {
        await answered(SOME);
        await shared().system.restart('command-service');
        await answered(SOME);
      });
      // A connection that was made at the last moment is closed before its request is read: it was not carried out.
      expect(sent.filter(({ result }) => result.outcome === 'unknown').length).toBeLessThanOrEqual(PLACING_CLIENTS);
      await expectAnsweredThere(sent);
      await expectNotThere(sent, 'unknown');
    });
  });

  describe('processes that are killed', () => {
    it('given command-service, nothing that was answered is lost, and a repeat settles what was not', async () => {
      const sent = await whilePlacing(async (answered) => {
        await answered(SOME);
        await shared().system.kill('command-service', 'SIGKILL');
        await answered(SOME);
      });
      await expectAnsweredThere(sent);
      await settleUnknown(sent);
    });

    it('all at once: everything answered before is read, and goes on', async () => {
      const sent = await whilePlacing(async (answered) => {
        await answered(SOME);
        await Promise.all(APPS_AND_A_REPLICA.map(({ name }) => shared().system.kill(name, 'SIGKILL')));
        await answered(SOME);
      });
      await shared().system.whenReady();
      await expectAnsweredThere(sent);
      const { orderId } = await place();
      accepted(await change('confirm', orderId));
      expect(json<OrderView>(await readOrder(orderId, 2)).status).toBe('CONFIRMED');
    });

    it('between commit and reply: the repeat gets the answer that was not heard, and nothing twice', async () => {
      await shared().system.restart('command-service', { FAILPOINT: 'before-reply:1:exit' });
      const client = new OrderClient(shared().commands);
      const order = { command: 'create', customerId: randomUUID(), currency: 'EUR', items: [BOOK] } as const;
      const key = { idempotencyKey: randomUUID() };
      expect((await client.execute(order, key)).outcome).toBe('unknown');
      await shared().system.whenReady('command-service');
      const again = await client.execute(order, key);
      expect(again).toMatchObject({ outcome: 'ok', status: 201, version: 1 });
      expect(await client.execute(order, key)).toMatchObject({ orderId: again.orderId, commandId: again.commandId });
      const listed = await eventually(async () => {
        const page = json<{ orders: OrderView[] }>(
          await shared().queries.get(`/v1/customers/${order.customerId}/orders`),
        );
        expect(page.orders.length).toBeGreaterThan(0);
        return page.orders;
      });
      expect(listed).toHaveLength(1);
    });

    it('a key that was answered is remembered by the next process', async () => {
      const [body, headers] = [creation(), { 'idempotency-key': randomUUID() }];
      const first = accepted(await shared().commands.post('/v1/orders', body, headers), 201);
      await shared().system.restart('command-service');
      expect(accepted(await shared().commands.post('/v1/orders', body, headers), 201)).toEqual(first);
    });
  });
}
