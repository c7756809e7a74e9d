import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cassandra from 'cassandra-driver';
import { startCassandra } from './cassandra.js';
import type { CassandraServers } from './cassandra.js';
import { statusOf } from './server-status.js';
import { waitUntil } from './wait-until.js';

const { consistencies } = cassandra.types;

const WRITERS = 4;
const WRITES_EACH = 50;
const KILL_AFTER = 50;

describe('three nodes of Cassandra', () => {
  let dataDir: string;
  let servers: CassandraServers;
  let client: cassandra.Client;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'cassandra-spec-'));
    servers = await startCassandra({ dataDir, nodes: 3 });
    client = new cassandra.Client({
      contactPoints: [...servers.contactPoints],
      localDataCenter: servers.localDataCenter,
      queryOptions: {
        consistency: consistencies.localQuorum,
        serialConsistency: consistencies.localSerial,
        prepare: true,
      },
    });
    await client.execute(
      `CREATE KEYSPACE trial WITH replication = {'class': 'NetworkTopologyStrategy', '${servers.localDataCenter}': 3}`,
    );
    await client.execute('CREATE TABLE trial.counter (id text PRIMARY KEY, value int)');
  });

  afterAll(async () => {
    await client?.shutdown();
    await servers?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('given a node killed under conditional writes, keeps every acknowledged one and goes on', async () => {
    const outcomes: Outcome[] = [];
    const killed = servers.nodes[2]!;
    let killing: Promise<void> | undefined;
    const writer = async (id: string) => {
      for (let value = 0; value < WRITES_EACH; value += 1) {
        if (outcomes.length === KILL_AFTER) killing = killed.kill('SIGKILL');
        outcomes.push(await write(client, `${id}-${value}`));
      }
    };

    await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(`writer-${index}`)));
    await killing;

    expect((await statusOf(dataDir, 'cassandra')).map(({ state }) => state)).toEqual(['ready', 'ready', 'stopped']);
    const written = outcomes.filter((outcome) => outcome.told === 'applied').map(({ id }) => id);
    expect(outcomes.filter((outcome) => outcome.told === 'refused')).toEqual([]);
    // How many writes end without an answer depends on the load of the machine; that writing goes on does not.
    expect(written.length).toBeGreaterThan(2 * KILL_AFTER);
    expect(await missing(client, written)).toEqual([]);
  });

  it('given the dead node brought back, has three that know each other', async () => {
    await servers.nodes[2]!.restart();
    expect((await statusOf(dataDir, 'cassandra')).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
  });
});

interface Outcome {
  readonly id: string;
  readonly told: 'applied' | 'refused' | 'unknown';
}

async function write(client: cassandra.Client, id: string): Promise<Outcome> {
  const insert = 'INSERT INTO trial.counter (id, value) VALUES (?, 1) IF NOT EXISTS';
  try {
    const result = await client.execute(insert, [id], { isIdempotent: false });
    return { id, told: result.first().get('[applied]') ? 'applied' : 'refused' };
  } catch {
    return { id, told: 'unknown' };
  }
}

async function missing(client: cassandra.Client, ids: readonly string[]): Promise<string[]> {
  const result = await waitUntil(
    () => client.execute('SELECT id FROM trial.counter').catch(() => undefined), // a busy node may time out
    { everyMs: 500, timeoutMs: 60_000 },
  );
  const found = new Set(result?.rows.map((row) => String(row.get('id'))));
  return ids.filter((id) => !found.has(id));
}
