import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { askKafka } from './ask-servers.js';
import { ServerStartError } from './errors.js';
import { distributionFile, fetchJars } from './jars.js';
import { findJava } from './java.js';
import { chooseFreePorts } from './ports.js';
import { about, silent } from './progress.js';
import type { Progress } from './progress.js';
import { runCommand } from './run-command.js';
import type { NodePlan, ServerNode } from './server-node.js';
import { serverFolder } from './server-record.js';
import type { RecordedNode } from './server-record.js';
import { startServerSet } from './server-set.js';
import type { PortChoice } from './server-set.js';

export interface KafkaOptions {
  /** Absolute path. Data, logs and the record of the process lie in its folder `kafka`, and stay when the server stops. */
  readonly dataDir: string;
  /** Default `free`. */
  readonly ports?: PortChoice;
  /** Java heap in MiB. Default 256. */
  readonly heapMb?: number;
  /** Should the server run on when this process ends? Default false: it ends with it, even when it is killed. */
  readonly outlive?: boolean;
  /** Bound on the start. Default 120 s: four are enough on an idle machine. */
  readonly readyTimeoutMs?: number;
  /** Where Java is installed. Default: JAVA_HOME, and without that the java of the path. */
  readonly javaHome?: string | undefined;
  readonly progress?: Progress;
}

/** A running Kafka of one node. */
export interface KafkaServers {
  /** `host:port` to connect to. */
  readonly brokers: readonly string[];
  readonly nodes: readonly ServerNode[];
  /** Stops the node in order and returns when no process is left. The data stays. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const FORMAT_TIMEOUT_MS = 60_000;
const HOST = '127.0.0.1';

/**
 * Starts Apache Kafka (KRaft: broker and controller in one process) on `dataDir` and returns when it answers with the cluster's
 * metadata. Continues the data of an earlier run. Throws `ServersUnavailableError` without Java or Maven, and
 * `ServerStartError` with the last lines of the log when the server does not come up.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServers> {
  const { dataDir, heapMb = 256, readyTimeoutMs = READY_TIMEOUT_MS } = options;
  const progress = about('kafka', options.progress ?? silent);
  const java = await findJava(options.javaHome ?? process.env['JAVA_HOME']);
  const jars = await fetchJars('kafka', progress);
  const folder = join(serverFolder(dataDir, 'kafka'), 'node-1');
  const nodes = await startServerSet(
    {
      kind: 'kafka',
      hosts: [HOST],
      choosePorts,
      planNode: ([recorded]) => planNode({ java, jars, folder, heapMb }, recorded!),
    },
    { dataDir, ports: options.ports ?? 'free', outlive: options.outlive ?? false, readyTimeoutMs, progress },
  );
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  return { brokers: nodes.map((node) => node.address), nodes, stop };
}

interface Installation {
  readonly java: string;
  readonly jars: string;
  readonly folder: string;
  readonly heapMb: number;
}

function planNode(installation: Installation, { host, ports }: RecordedNode): NodePlan {
  const { java, folder } = installation;
  const address = `${host}:${ports.client}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'server.properties'), serverProperties(folder, address, `${host}:${ports['controller']}`));
  return {
    address,
    folder,
    command: java,
    args: [...javaArguments(installation), 'kafka.Kafka', join(folder, 'server.properties')],
    prepare: () => format(installation),
    ask: () => askKafka([address]),
  };
}

function javaArguments({ jars, heapMb }: Installation): string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:+ExitOnOutOfMemoryError',
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${pathToFileURL(distributionFile('kafka', 'log4j2.xml')).href}`,
    '-cp',
    join(jars, '*'),
  ];
}

function serverProperties(folder: string, client: string, controller: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=${controller}
listeners=PLAINTEXT://${client},CONTROLLER://${controller}
advertised.listeners=PLAINTEXT://${client},CONTROLLER://${controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${folder}/data

# One broker holds everything, and a small one: few partitions for its own topics.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1

# Do not wait for other members of a group: a test has the ones it has. A misspelt topic is an error.
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`;
}

/** KRaft wants its folder formatted, with the id of the new cluster, before the first start. */
async function format(installation: Installation): Promise<void> {
  const { java, folder } = installation;
  if (existsSync(join(folder, 'data', 'meta.properties'))) return;
  const args = ['format', '--standalone', '-t', newClusterId(), '-c', join(folder, 'server.properties')];
  const tool = [...javaArguments(installation), 'kafka.tools.StorageTool', ...args];
  const { failed, output } = await runCommand(java, tool, FORMAT_TIMEOUT_MS);
  if (failed) throw new ServerStartError(`Kafka did not format ${folder}: ${output}`);
}

/** As StorageTool's random-uuid makes one, without waiting for another Java: 16 bytes in base64url, not beginning with a dash. */
function newClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

async function choosePorts(choice: PortChoice): Promise<RecordedNode['ports'][]> {
  if (choice === 'default') return [{ client: 9092, controller: 9093 }];
  const [client, controller] = choice === 'free' ? await chooseFreePorts(2, [HOST]) : [choice, choice + 1];
  return [{ client: client!, controller: controller! }];
}
