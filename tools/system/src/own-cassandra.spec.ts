import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { withEngine } from '@chronicle/engine';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { eventually } from './eventually.js';
import { fakeApps } from './fake-apps.js';
import { OwnCassandra } from './own-cassandra.js';
import { freeBasePort } from './ports.js';
import { Supervisor } from './supervisor.js';

const { statusOf, whyNoCassandra } = await import('@chronicle/tool-servers');

/** A busy machine takes minutes for what takes an idle one ten seconds. */
const PATIENCE_MS = 300_000;
const DEFAULTS = { keyspace: 'chronicle', changeLogRetentionHours: 168 };

jest.setTimeout(2 * PATIENCE_MS);

const missing = await whyNoCassandra();
if (missing !== undefined) console.warn(`SKIPPED: OwnCassandra. ${missing}`);

(missing === undefined || process.env['CI'] === 'true' ? describe : describe.skip)('OwnCassandra', () => {
  let dataDir: string;
  let database: OwnCassandra;
  let told: string[];
  const tell = (line: string) => void told.push(line);
  const server = async () => (await statusOf(dataDir, 'cassandra'))[0]!;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'own-cassandra-'));
    database = new OwnCassandra({ dataDir, ...DEFAULTS });
    told = [];
  });
  afterEach(async () => {
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('given its server is killed, starts it again on its data and says so, until it is stopped', async () => {
    const engine = await database.start(tell);
    const { pid: killed, address } = await server();
    process.kill(killed!, 'SIGKILL');
    await eventually(() => expect(told).toContain(`${address} ended by itself; starting it again in 100 ms`));
    await eventually(async () => expect(await server()).toMatchObject({ state: 'ready' }), PATIENCE_MS);
    expect((await server()).pid).not.toBe(killed);
    expect(await withEngine(engine, { clock, entropy }, (opened) => opened.hasRun({ group: 'any' }))).toBe(false);
    await database.stop();
    expect(await server()).toMatchObject({ address, state: 'stopped' });
  });

  it('given a system that nobody wants any more while it starts, is stopped before that is over', async () => {
    const apps = fakeApps({});
    const stop = new AbortController();
    const onNotice = (_: string | undefined, line: string) => {
      if (line.startsWith('starting ')) stop.abort('SIGINT');
    };
    const starting = Supervisor.start({
      ...{ apps, basePort: await freeBasePort(apps), dataDir, database, environment: {}, signal: stop.signal },
      observer: { onLine: () => {}, onNotice },
    });
    await expect(starting).rejects.toBe('SIGINT');
    expect(await server()).toMatchObject({ state: 'stopped' });
  });
});
