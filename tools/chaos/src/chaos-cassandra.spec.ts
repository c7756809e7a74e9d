import { jest } from '@jest/globals';
import { HttpClient, WORKERS, eventually } from '@chronicle/tool-system';
import type { System } from '@chronicle/tool-system';
import { SECOND_PUBLISHER, SECOND_READ_MODEL } from './chaos-system.js';
import { CrashSuite, metTrouble } from './crash-suite.fixture.js';
import { describeOnCassandra } from './describe-on-cassandra.fixture.js';
import { failpointsOf } from './failpoint-plan.js';
import { orderOf, showsVersion } from './one-order.fixture.js';
import { SpoiledLog } from './spoiled-log.fixture.js';

/** Another one with CHAOS_SEED=n. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20251128);
const KILLS = 6;
const DOWN_MS = 1000;
const SHOWN_MS_MAX = 60_000;

/** A bound for what hangs: four minutes in all where nothing else runs. */
jest.setTimeout(900_000);

await describeOnCassandra('the order system on Cassandra, crashed', () => {
  const suite = new CrashSuite({ engine: 'cassandra', seed: SEED, commandsPerSecond: 60, clients: 8 });

  it('given a change log that misses, repeats, reorders and delays, loses nothing and closes its holes', async () => {
    const { system } = suite.run;
    const log = await SpoiledLog.open(system.engine);
    const followers = [...WORKERS, SECOND_READ_MODEL, SECOND_PUBLISHER];
    for (const app of followers) await system.kill(app, 'SIGSTOP');
    const orderId = await orderOf(suite.run, 5);
    const [, second, third, fourth, fifth] = await eventually(async () => {
      const rows = await log.rowsOf(orderId);
      if (rows.length < 5) throw new Error(`expected 5 rows in the log, found ${rows.length}`);
      return rows;
    });
    await log.remove(second!);
    await log.write({ ...third!, cdc$time: fourth!.cdc$time });
    await log.write({ ...fourth!, cdc$time: third!.cdc$time });
    await log.write({ ...fifth!, cdc$time: beside(third!.cdc$time) });

    for (const app of followers) await system.kill(app, 'SIGCONT');

    await eventually(() => showsVersion(system, orderId, 5), SHOWN_MS_MAX);
    await log.write(second!); // late, and no news any more
    await log.close();
    await eventually(async () => {
      const holes = await Promise.all(followers.map((app) => metric(system, app, 'holes_open')));
      if (holes.some((count) => count !== 0)) throw new Error(`holes are open: ${holes.join(', ')}`);
    }, SHOWN_MS_MAX);
    const healed = await Promise.all(followers.map((app) => metric(system, app, 'holes_healed_total')));
    expect(healed.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(WORKERS.length);
  });

  it('passes every failpoint of this engine, and goes on', async () => {
    expect(await suite.exitsPassed()).toEqual([...failpointsOf('cassandra')].sort());
  });

  it(`outlives ${KILLS} kills at random moments, and stops and ends`, async () => {
    expect(await suite.run.strikeAtRandom({ kills: KILLS, everyMs: 2000 })).toBeGreaterThanOrEqual(KILLS);
  });

  it('outlives a kill of its database under load', async () => {
    const before = suite.run.load.journal.counts().ok;
    await suite.run.loseNode(0, DOWN_MS);
    await eventually(() => {
      if (suite.run.load.journal.counts().ok <= before) throw new Error('no command has succeeded since');
    }, SHOWN_MS_MAX);
  });

  suite.keepsEveryPromise(metTrouble);
});

async function metric(system: System, app: string, name: string): Promise<number> {
  const http = new HttpClient(system.url(app));
  const { text } = await http.get('/metrics').finally(() => http.close());
  return Number(new RegExp(`^${name}{app="[^"]*"} (\\S+)$`, 'm').exec(text)![1]);
}

/** Another time UUID of the same time. */
function beside(time: string): string {
  return `${time.slice(0, -1)}${time.endsWith('0') ? '1' : '0'}`;
}
