import { jest } from '@jest/globals';
import { DriverCqlPort, statement } from '@chronicle/cql';
import { eventually } from '@chronicle/tool-system';
import { CrashSuite } from './crash-suite.fixture.js';
import { describeOnCassandra } from './describe-on-cassandra.fixture.js';
import { orderOf, showsVersion } from './one-order.fixture.js';

/** Another one with CHAOS_SEED=n. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20251128);
const readAddress = statement('test.address', `SELECT rpc_address FROM system.local WHERE key = 'local'`);
const NODES = 3;
const LOST = 1;
const DOWN_MS = 15_000;
/** A worker whose heartbeats meet the node may lose its buckets first: others take them over after ten seconds, or it comes back. */
const HANGS_MS = 60_000;
/** Of the attempts while a node is lost. Those that it was coordinating end without an answer. */
const ANSWERED_SHARE_MIN = 0.9;

/** A bound for what hangs: three minutes in all where nothing else runs. */
jest.setTimeout(900_000);

await describeOnCassandra('the order system on three nodes of Cassandra', () => {
  const suite = new CrashSuite({ engine: 'cassandra', nodes: NODES, seed: SEED, commandsPerSecond: 30, clients: 6 });

  it('given the address of one of them, asks all of them', async () => {
    const { contactPoints, writeDatacenter: localDataCenter } = suite.run.system.engine;
    const port = await DriverCqlPort.open({
      contactPoints: [contactPoints![LOST]!],
      localDataCenter: localDataCenter!,
    });
    const asked = await Promise.all(port.hosts().map((host) => port.readOne(readAddress, [], { host })));
    await port.close();
    expect(asked.map((row) => String(row?.rpc_address)).sort()).toEqual(
      contactPoints!.map((point) => point.split(':')[0]),
    );
  });

  it('given one of them killed and brought back, goes on answering clients', async () => {
    const { attempts, answered } = await suite.run.loseNode(LOST, DOWN_MS);
    expect(attempts).toBeGreaterThan(50);
    expect(answered / attempts).toBeGreaterThanOrEqual(ANSWERED_SHARE_MIN);
  });

  it('given one of them that hangs, shows what is committed before it goes on', async () => {
    const { nodes, system } = suite.run;
    let hangs = true;
    const paused = nodes.pause(nodes.nodes[LOST]!, HANGS_MS).then(() => (hangs = false));
    const orderId = await orderOf(suite.run, 2);
    await eventually(() => showsVersion(system, orderId, 2), HANGS_MS);
    expect(hangs).toBe(true);
    await paused;
  });

  suite.keepsEveryPromise();
});
