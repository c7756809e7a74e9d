import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import type { EngineConfig } from '@chronicle/engine';
import { uuidV7, systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { ranCli, type Ran } from './testing/cli-run.js';
import { SmallSystem } from './testing/small-system.js';

const cassandra = new TestKeyspace(new TestCluster(process.env, ['cassandra']));
const { contactPoints, localDataCenter: writeDatacenter } = cassandra.cluster;
const keyspace = cassandra.name;
const cluster: Omit<EngineConfig, 'dataDir'> = { engine: 'cassandra', contactPoints, writeDatacenter, keyspace };
const describeOnCassandra = cassandra.cluster.isThere ? describe : describe.skip;

/** Names the cluster, and leaves its datacentre to be asked for. */
function cli(...args: string[]): Promise<Ran> {
  const options = ['--engine', 'cassandra', '--contact-points', contactPoints.join(), '--keyspace', keyspace];
  return ranCli([...args, ...options, ...(system ? ['--data-dir', system.dataDir] : [])]);
}

const steps = ({ json }: Ran) => (json[0] as { steps: { id: string; outcome: string }[] }).steps;

let system: SmallSystem | undefined;
let shipped: string;
const flow = uuidV7(clock, entropy);

/** One story, in order: each test goes on with what those before it have made. */
describeOnCassandra('the commands on a cluster', () => {
  afterAll(async () => {
    await system?.close();
    await cassandra.remove();
  });

  it('given no keyspace, say so and how to make it', async () => {
    const { exitCode, out, err } = await cli('groups');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toBe(
      `keyspace ${keyspace} cannot be used: run \`npm run --silent cli -- migrate\` with the same settings\n`,
    );
    expect((await cli('migrate')).err).toBe(
      `keyspace ${keyspace} does not exist yet: say how it is to be replicated, such as ${writeDatacenter}:3\n`,
    );
  });

  it('migrate: says what would be done, does it, and finds it done', async () => {
    const replication = ['--replication', `${writeDatacenter}:1`];
    const planned = steps(await cli('migrate', '--json', '--dry-run', ...replication));
    expect(new Set(planned.map(({ outcome }) => outcome))).toEqual(new Set(['would be applied']));
    const done = steps(await cli('migrate', '--json', ...replication));
    expect(done).toEqual(planned.map((step) => ({ ...step, outcome: 'applied' })));
    const again = await cli('migrate');
    expect(again).toMatchObject({ exitCode: 0, out: `0 of ${done.length} steps applied\n` });
    expect(again.err).toBe(done.map(({ id }) => `present: ${id}\n`).join(''));
  });

  it('tell what happened to orders, and that all parts agree', async () => {
    system = await SmallSystem.open(cluster);
    await system.startWorkers();
    shipped = await system.order('SHIPPED', flow);
    await system.order('CREATED');
    await system.settled();
    const types = ({ json }: Ran) => json.map((event) => (event as { eventType: string }).eventType);
    expect(types(await cli('events', shipped, '--json'))).toEqual(['OrderCreated', 'OrderConfirmed', 'OrderShipped']);
    expect(types(await cli('events', '--correlation', flow, '--json'))).toHaveLength(3);
    expect(types(await cli('events', '--type', 'OrderCreated', '--json'))).toHaveLength(2);
    expect((await cli('order', shipped, '--version', '2', '--json')).json).toMatchObject([{ status: 'CONFIRMED' }]);
    expect((await cli('verify', '--json')).json).toMatchObject([
      { agrees: true, orders: 2, events: 4, differences: [] },
    ]);
    expect((await cli('audit', '--json')).json).toMatchObject([{ intact: true, orders: 2, events: 4 }]);
    expect((await cli('snapshots', 'prune', '--keep', '0', '--json')).json).toEqual([{ deleted: 1, keep: 0 }]);
    expect(
      (await cli('topic', 'tail', 'orders.events', '--from-beginning', '--until-idle', '0', '--json')).json,
    ).toHaveLength(4);
  });

  it('groups: who works on what', async () => {
    const { json } = await cli('groups', '--json');
    const { groups } = json[0] as { groups: { buckets: unknown[] }[] };
    expect(groups).toHaveLength(4);
    expect(groups[0]).toMatchObject({
      group: 'order-read-model-projection',
      ...{ started: true, paused: false, parked: 0, lag: { events: 0 } },
      instances: [expect.any(String)],
    });
    expect(groups[0]!.buckets).toHaveLength(32);
  });

  it('parked: list, redrive and skip', async () => {
    const parked = await system!.order('CREATED');
    await system!.confirmInUnknownVersion(parked);
    const group = 'order-read-model-projection';
    const list = async () => (await cli('parked', 'list', group, '--json')).json;
    while (((await list())[0] as { parked: unknown[] }).parked.length === 0) await clock.sleep(50);
    expect(await list()).toMatchObject([{ parked: [{ aggregateId: parked, sequenceNumber: 2 }] }]);
    expect((await cli('parked', 'redrive', group, parked, '--json')).json).toMatchObject([
      { result: 'done', parked: { sequenceNumber: 2 } },
    ]);
    expect(await cli('parked', 'skip', group, parked, '--reason', 'of a test')).toMatchObject({ exitCode: 0 });
    expect(await list()).toEqual([{ parked: [] }]);
    const { exitCode, json } = await cli('verify', '--json', '--grace', '0');
    expect(exitCode).toBe(1);
    const differences = (json[0] as { differences: { aggregateId: string }[] }).differences;
    expect(new Set(differences.map(({ aggregateId }) => aggregateId))).toEqual(new Set([parked]));
  });
});
