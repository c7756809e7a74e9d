import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startCassandra } from '@chronicle/tool-servers';
import type { CassandraServers } from '@chronicle/tool-servers';
import { APPS, eventually } from '@chronicle/tool-system';
import { json, problem } from './answers.js';
import { clusterOf } from './cluster.js';
import { creation, place } from './orders.js';
import { Placing, expectAllThere } from './placing.js';
import { shared, startShared, stopShared } from './system-under-test.js';

jest.setTimeout(240_000);

/** Long enough for requests to end without an answer, and for instances to be judged dead if anybody judged wrongly. */
const OUTAGE_MS = 12_000;

interface Readiness {
  readonly status: string;
  readonly parts: readonly { readonly name: string; readonly status: string; readonly detail: string | null }[];
}

/** A server that it may stop is one that this suite has started. */
const isToBeHad = clusterOf(process.env)?.engine === 'cassandra';

(isToBeHad ? describe : describe.skip)('the order system on a Cassandra that hangs', () => {
  let folder: string;
  let servers: CassandraServers;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-outage-'));
    servers = await startCassandra({ dataDir: folder });
    const { contactPoints, localDataCenter: writeDatacenter } = servers;
    await startShared({ cluster: { engine: 'cassandra', contactPoints, writeDatacenter } });
  });
  afterAll(async () => {
    await stopShared();
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses work with 503, says which parts are down, and afterwards goes on with nothing lost', async () => {
    await place();
    const work = new Placing();
    await eventually(() => expect(work.sent.length).toBeGreaterThan(50), 60_000);
    const [node] = servers.nodes;
    await node!.kill('SIGSTOP');
    const stoppedAt = performance.now();

    for (const { name } of APPS) {
      await eventually(async () => expect((await readinessOf(name)).status).toBe('down'), 30_000);
      const { parts } = await readinessOf(name);
      for (const { status, detail } of parts)
        expect([status, detail]).toEqual(status === 'up' ? ['up', null] : ['down', expect.stringMatching(/./)]);
      json(await shared().client(name).get('/health/live'));
    }
    const refused = await shared().commands.post('/v1/orders', creation());
    const { code } = JSON.parse(refused.text) as { code: 'store-unavailable' | 'outcome-unknown' };
    console.log(refused.text);
    problem(
      refused,
      503,
      code,
      code === 'store-unavailable' ? {} : { orderId: expect.any(String), commandId: expect.any(String) },
    );
    problem(await shared().queries.get('/v1/orders?status=CREATED'), 503, 'store-unavailable');

    await node!.kill('SIGCONT');
    await shared().system.whenReady();
    console.log(performance.now() - stoppedAt, OUTAGE_MS);
    await place();
    const results = await work.stop();
    const counts: Record<string, number> = {};
    for (const r of results) counts[`${r.outcome} ${r.code}`] = (counts[`${r.outcome} ${r.code}`] ?? 0) + 1;
    console.log(counts);
    await work.settleUnknown();
    await expectAllThere(results);
  });
});

async function readinessOf(app: string): Promise<Readiness> {
  const answer = await shared().client(app).get('/health/ready');
  return JSON.parse(answer.text) as Readiness;
}
