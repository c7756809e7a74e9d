import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startCassandra } from '@chronicle/tool-servers';
import type { CassandraServers } from '@chronicle/tool-servers';
import { APPS, eventually } from '@chronicle/tool-system';
import type { HttpAnswer } from '@chronicle/tool-system';
import { UUID, json, problem } from './answers.js';
import { clusterOf } from './cluster.js';
import { creation } from './orders.js';
import { expectAnsweredThere, expectNotThere, settleUnknown, whilePlacing } from './placing.js';
import { START_TIMEOUT_MS, shared, startShared, stopShared } from './system-under-test.js';

jest.setTimeout(180_000);

/** Orders that are answered before the outage, and again after it. */
const SOME = 20;
/** A bound for what hangs: apps notice within a few seconds. */
const NOTICED_MS = 30_000;

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
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await stopShared();
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses work with 503 and says which parts are down; afterwards it goes on, with nothing lost', async () => {
    const node = servers.nodes[0]!;
    const sent = await whilePlacing(async (answered) => {
      await answered(SOME);
      await node.kill('SIGSTOP');
      try {
        for (const { name } of APPS) await expectDown(name);
        expectNotTaken(await shared().commands.post('/v1/orders', creation()));
        problem(await shared().queries.get('/v1/orders?status=CREATED'), 503, 'store-unavailable');
      } finally {
        await node.kill('SIGCONT');
      }
      await answered(SOME);
    });
    await shared().system.whenReady();
    expect(sent.filter(({ result }) => result.outcome === 'refused').length).toBeGreaterThan(0);
    await settleUnknown(sent);
    await expectAnsweredThere(sent);
    await expectNotThere(sent, 'refused');
  });
});

async function readinessOf(app: string): Promise<Readiness> {
  const answer = await shared().client(app).get('/health/ready');
  return JSON.parse(answer.text) as Readiness;
}

/** An app that lives, is not ready, and says of each part that is down why. */
async function expectDown(app: string): Promise<void> {
  await eventually(async () => expect((await readinessOf(app)).status).toBe('down'), NOTICED_MS);
  const { parts } = await readinessOf(app);
  const down = parts.filter(({ status }) => status === 'down');
  expect(down).toEqual(down.map((part) => ({ ...part, detail: expect.stringMatching(/./) })));
  json(await shared().client(app).get('/health/live'));
}

/** Without the database a command was not carried out, or nobody can tell; never is it said that it was refused for good. */
function expectNotTaken(answer: HttpAnswer): void {
  const { code } = JSON.parse(answer.text) as { code: string };
  const facts = { orderId: expect.stringMatching(UUID), commandId: expect.stringMatching(UUID) };
  if (code === 'outcome-unknown') problem(answer, 503, code, facts);
  else problem(answer, 503, 'store-unavailable');
}
