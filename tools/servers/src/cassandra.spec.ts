import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cassandra from 'cassandra-driver';
import { startCassandra } from './cassandra.js';
import type { CassandraServers } from './cassandra.js';
import { ServerSetMismatchError, ServerStartError } from './errors.js';
import { isPortFree } from './ports.js';
import { readServerRecord } from './server-record.js';
import { statusOf } from './server-status.js';

const { consistencies } = cassandra.types;

const CREATE_KEYSPACE = `CREATE KEYSPACE trial WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`;
const CREATE_TABLE = `CREATE TABLE trial.event_store (
  aggregate text, sequence int, version int static, fence int static, commands map<text, text> static, event text,
  PRIMARY KEY (aggregate, sequence))`;
const CONDITION = `UPDATE trial.event_store SET version = ? WHERE aggregate = ? IF version = ? AND fence = ?`;
const RECEIPT = `UPDATE trial.event_store USING TTL 86400 SET commands = commands + ? WHERE aggregate = ?`;
const EVENT = `INSERT INTO trial.event_store (aggregate, sequence, event) VALUES (?, ?, ?)`;

describe('a local server of Cassandra', () => {
  let dataDir: string;
  let servers: CassandraServers;
  let client: cassandra.Client;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'cassandra-spec-'));
    servers = await startCassandra({ dataDir });
    client = await connect(servers);
    await client.execute(CREATE_KEYSPACE);
    await client.execute(CREATE_TABLE);
  });

  afterAll(async () => {
    await client?.shutdown();
    await servers?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('given a new partition, applies a conditional batch once and refuses it the second time', async () => {
    expect(await appendFirst(client, 'order-1', 'command-1')).toEqual({ '[applied]': true });

    expect(await appendFirst(client, 'order-1', 'command-2')).toMatchObject({
      '[applied]': false,
      aggregate: 'order-1',
      version: 1,
      fence: null,
    });
    expect(await read(client, 'order-1')).toEqual([
      { sequence: 1, version: 1, commands: { 'command-1': 'receipt' }, event: 'created' },
    ]);
  });

  it('given an acknowledged write and a server killed at once, has the write after the restart', async () => {
    const [node] = servers.nodes;
    await appendFirst(client, 'order-2', 'command-1');
    const killed = node!.pid;

    await node!.kill('SIGKILL');
    expect(node!.isAlive()).toBe(false);
    await node!.restart();

    expect(node!.pid).not.toBe(killed);
    await client.shutdown();
    client = await connect(servers);
    expect(await read(client, 'order-2')).toEqual([
      { sequence: 1, version: 1, commands: { 'command-1': 'receipt' }, event: 'created' },
    ]);
  });

  it('given a paused server, calls it mute, and ready when it goes on', async () => {
    const [node] = servers.nodes;
    await node!.kill('SIGSTOP');
    expect(await statusOf(dataDir, 'cassandra')).toMatchObject([{ state: 'mute', pid: node!.pid }]);
    await node!.kill('SIGCONT');
    expect(await statusOf(dataDir, 'cassandra')).toMatchObject([{ state: 'ready', pid: node!.pid }]);
  });

  it('given data in use, refuses to start a second set on it', async () => {
    await expect(startCassandra({ dataDir })).rejects.toThrow(ServerStartError);
  });

  it('given data of one node, refuses to start three on it', async () => {
    await expect(startCassandra({ dataDir, nodes: 3 })).rejects.toThrow(ServerSetMismatchError);
  });

  it('given a stop, leaves no process and no port', async () => {
    const { host, ports } = readServerRecord(dataDir, 'cassandra')!.nodes[0]!;
    await client.shutdown();

    await servers.stop();

    expect(servers.nodes.map((node) => node.isAlive())).toEqual([false]);
    const free = await Promise.all(Object.values(ports).map((port) => isPortFree(port, host)));
    expect(free).toEqual([true, true, true]);
    expect(await statusOf(dataDir, 'cassandra')).toMatchObject([{ state: 'stopped', pid: null }]);
  });

  it('given its data and another way to sync, goes on with it in that way', async () => {
    servers = await startCassandra({ dataDir, commitLogSync: 'periodic' });
    client = await connect(servers);
    const { rows } = await client.execute(`SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'`);
    expect(rows.map(({ value }) => value)).toEqual(['periodic']);
    expect(await read(client, 'order-1')).toHaveLength(1);
  });
});

describe('a Cassandra that cannot start', () => {
  it('given a heap that Java refuses, tells so with the last lines of the log and where it is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'cassandra-spec-'));
    const start = startCassandra({ dataDir, heapMb: 1 });
    await expect(start).rejects.toThrow(ServerStartError);
    await expect(start).rejects.toThrow(join(dataDir, 'cassandra/node-1'));
    await expect(start).rejects.toThrow('Too small maximum heap');
    rmSync(dataDir, { recursive: true, force: true });
  });
});

async function connect({ contactPoints, localDataCenter }: CassandraServers): Promise<cassandra.Client> {
  const client = new cassandra.Client({
    contactPoints: [...contactPoints],
    localDataCenter,
    queryOptions: {
      consistency: consistencies.localQuorum,
      serialConsistency: consistencies.localSerial,
      prepare: true,
    },
  });
  await client.connect();
  return client;
}

async function appendFirst(client: cassandra.Client, aggregate: string, command: string): Promise<object> {
  const batch = [
    { query: CONDITION, params: [1, aggregate, null, null] },
    { query: RECEIPT, params: [{ [command]: 'receipt' }, aggregate] },
    { query: EVENT, params: [aggregate, 1, 'created'] },
  ];
  const result = await client.batch(batch, { isIdempotent: false });
  return Object.fromEntries(Object.entries(result.first()));
}

async function read(client: cassandra.Client, aggregate: string): Promise<object[]> {
  const query = `SELECT sequence, version, commands, event FROM trial.event_store WHERE aggregate = ?`;
  const { rows } = await client.execute(query, [aggregate]);
  return rows.map((row) => ({ ...row }));
}
