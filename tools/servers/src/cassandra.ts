import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { askCql } from './ask-servers.js';
import { cassandraYaml, type CommitLogSync } from './cassandra-yaml.js';
import { ServersUnavailableError, ServerStartError } from './errors.js';
import { distributionFile, fetchJars } from './jars.js';
import { findJava } from './java.js';
import { chooseFreePorts } from './ports.js';
import { about, silent } from './progress.js';
import type { Progress } from './progress.js';
import type { NodePlan, ServerNode } from './server-node.js';
import { serverFolder } from './server-record.js';
import type { RecordedNode } from './server-record.js';
import { startServerSet } from './server-set.js';
import type { PortChoice } from './server-set.js';
import { waitUntil } from './wait-until.js';

export interface CassandraOptions {
  /** Absolute path. Data, logs and the record of the processes lie in its folder `cassandra`, and stay when the servers stop. */
  readonly dataDir: string;
  /** 1, or up to {@link CASSANDRA_NODES_MAX} that form one cluster. Default 1. */
  readonly nodes?: number;
  /** Default `free`. */
  readonly ports?: PortChoice;
  /** Java heap of each node in MiB. Default 512 of a single node, 384 of each of several. A node uses about 0.4 GiB more. */
  readonly heapMb?: number;
  /** Default `group`: a server that is killed has lost nothing that it acknowledged. */
  readonly commitLogSync?: CommitLogSync;
  /** Should the servers run on when this process ends? Default false: they end with it, even when it is killed. */
  readonly outlive?: boolean;
  /** Bound on the start of each node. Default 120 s: six are enough on an idle machine. */
  readonly readyTimeoutMs?: number;
  /** Where Java is installed. Default: JAVA_HOME, and without that the java of the path. */
  readonly javaHome?: string | undefined;
  readonly progress?: Progress;
  /** Aborted: nobody waits for the servers any more. A start under way ends with an error, and leaves none running. */
  readonly signal?: AbortSignal;
}

/** Running servers of Cassandra that form one cluster. */
export interface CassandraServers {
  /** `host:port` of each node. */
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;
  readonly nodes: readonly ServerNode[];
  /** Stops every node in order and returns when no process is left. The data stays. */
  stop(): Promise<void>;
}

export const CASSANDRA_NODES_MAX = 5;

const READY_TIMEOUT_MS = 120_000;
const CLUSTER_POLL_MS = 200;

/**
 * Starts Apache Cassandra on `dataDir` and returns when each node answers CQL and knows all others. One node listens on
 * 127.0.0.1, several on 127.0.1.1, 127.0.1.2 and so on (which macOS has to be given first). Servers on the data of an earlier
 * run continue it. Throws `ServersUnavailableError` without Java or Maven, `ServerStartError` with the last lines of the log
 * when a node does not come up, `ServerSetMismatchError` when the data is of another number of nodes.
 */
export async function startCassandra(options: CassandraOptions): Promise<CassandraServers> {
  const { dataDir, nodes: count = 1, readyTimeoutMs = READY_TIMEOUT_MS } = options;
  const { heapMb = count === 1 ? 512 : 384, commitLogSync = 'group' } = options;
  if (!Number.isInteger(count) || count < 1 || count > CASSANDRA_NODES_MAX) {
    throw new RangeError(`${count} nodes of Cassandra: expected 1 to ${CASSANDRA_NODES_MAX}`);
  }
  const progress = about('cassandra', options.progress ?? silent);
  const { java, jars } = await findCassandra({ ...options, progress });
  const hosts = count === 1 ? ['127.0.0.1'] : Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
  const nodes = await startServerSet(
    {
      kind: 'cassandra',
      hosts,
      choosePorts: (choice) => choosePorts(choice, hosts),
      planNode: (recorded, index) => planNode({ java, jars, dataDir, heapMb, commitLogSync }, recorded, index),
    },
    {
      ...{ dataDir, ports: options.ports ?? 'free', outlive: options.outlive ?? false, readyTimeoutMs, progress },
      ...(options.signal && { signal: options.signal }),
    },
  );
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const contactPoints = nodes.map((node) => node.address);
    return { contactPoints, localDataCenter: await waitForCluster(contactPoints, readyTimeoutMs), nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Why {@link startCassandra} cannot start a server here; undefined: it can, and what it needs has been fetched. */
export async function whyNoCassandra(): Promise<string | undefined> {
  try {
    await findCassandra({});
    return undefined;
  } catch (error) {
    if (error instanceof ServersUnavailableError) return error.message;
    throw error;
  }
}

/** Finds what a server needs, and fetches it when it is not here yet. */
async function findCassandra(
  options: Pick<CassandraOptions, 'javaHome' | 'progress'>,
): Promise<Pick<Installation, 'java' | 'jars'>> {
  const java = await findJava(options.javaHome ?? process.env['JAVA_HOME']);
  return { java, jars: await fetchJars('cassandra', options.progress ?? silent) };
}

interface Installation {
  readonly java: string;
  readonly jars: string;
  readonly dataDir: string;
  readonly heapMb: number;
  readonly commitLogSync: CommitLogSync;
}

function planNode(installation: Installation, nodes: readonly RecordedNode[], index: number): NodePlan {
  const { host, ports } = nodes[index]!;
  const folder = join(serverFolder(installation.dataDir, 'cassandra'), `node-${index + 1}`);
  const seed = `${nodes[0]!.host}:${nodes[0]!.ports['storage']}`;
  const { commitLogSync } = installation;
  const place = { host, clientPort: ports.client, storagePort: ports['storage']!, folder, seed, commitLogSync };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cassandra.yaml'), cassandraYaml(place));
  return {
    address: `${host}:${ports.client}`,
    folder,
    command: installation.java,
    args: javaArguments(installation, folder, ports['jmx']!, nodes.length > 1),
    ask: () => askCql(`${host}:${ports.client}`),
  };
}

function javaArguments({ jars, heapMb }: Installation, folder: string, jmxPort: number, several: boolean): string[] {
  return [
    `@${distributionFile('cassandra', 'jvm.options')}`,
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    `-javaagent:${join(jars, 'jamm-0.4.0.jar')}`,
    `-Dcassandra.config=${pathToFileURL(join(folder, 'cassandra.yaml')).href}`,
    `-Dcassandra.storagedir=${folder}`,
    `-Dcassandra.jmx.local.port=${jmxPort}`,
    `-Dlogback.configurationFile=${distributionFile('cassandra', 'logback.xml')}`,
    `-Dchronicle.log.folder=${folder}`,
    // The nodes start empty and at once: nothing to stream, and no need to let the ring settle between two of them.
    ...(several ? ['-Dcassandra.consistent.rangemovement=false', '-Dcassandra.auto_bootstrap=false'] : []),
    '-cp',
    join(jars, '*'),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
}

/** All nodes share the client and storage ports, as drivers and nodes expect; JMX has one each, for it listens on 127.0.0.1. */
async function choosePorts(choice: PortChoice, hosts: readonly string[]): Promise<RecordedNode['ports'][]> {
  if (choice === 'default') return hosts.map((_, index) => ({ client: 9042, storage: 7000, jmx: 7199 + index }));
  const count = 2 + hosts.length;
  const chosen =
    choice === 'free'
      ? await chooseFreePorts(count, ['127.0.0.1', ...hosts])
      : Array.from({ length: count }, (_, index) => choice + index);
  const [client, storage, ...jmx] = chosen;
  return hosts.map((_, index) => ({ client: client!, storage: storage!, jmx: jmx[index]! }));
}

/** Waits until every node knows as many nodes as there are, and returns the name of their data centre. */
async function waitForCluster(addresses: readonly string[], timeoutMs: number): Promise<string> {
  const dataCenter = await waitUntil(
    async () => {
      const answers = await Promise.all(addresses.map((address) => askCql(address)));
      return answers.every((answer) => answer.nodes === addresses.length) ? answers[0]!.dataCenter : undefined;
    },
    { everyMs: CLUSTER_POLL_MS, timeoutMs },
  );
  if (dataCenter !== undefined) return dataCenter;
  throw new ServerStartError(`${addresses.join(', ')}: the nodes do not know each other after ${timeoutMs / 1000} s`);
}
