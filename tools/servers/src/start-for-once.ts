import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCassandra } from './cassandra.js';
import { ServerStartError } from './errors.js';
import type { FoundCql, FoundKafka, StartedServer } from './found-servers.js';
import { startKafka } from './kafka.js';
import type { Progress } from './progress.js';
import type { ServerNode } from './server-node.js';

export interface OnceOptions {
  readonly javaHome: string | undefined;
  readonly progress: Progress;
}

/** One node of Cassandra on a temporary folder, which disappears with it. A failed start leaves the folder, for its logs. */
export async function startCassandraForOnce(options: OnceOptions): Promise<StartedServer<FoundCql>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chronicle-cassandra-'));
  const { contactPoints, localDataCenter, nodes } = await keepingLogs(dataDir, startCassandra({ dataDir, ...options }));
  return {
    found: { engine: 'cassandra', contactPoints, localDataCenter, source: 'processes' },
    stop: () => discard(nodes, dataDir),
  };
}

/** One node of Kafka on a temporary folder, which disappears with it. A failed start leaves the folder, for its logs. */
export async function startKafkaForOnce(options: OnceOptions): Promise<StartedServer<FoundKafka>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chronicle-kafka-'));
  const { brokers, nodes } = await keepingLogs(dataDir, startKafka({ dataDir, ...options }));
  return { found: { brokers, source: 'processes' }, stop: () => discard(nodes, dataDir) };
}

/** Only a server that was launched has logs worth keeping. */
async function keepingLogs<T>(dataDir: string, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof ServerStartError)) rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}

/** Without the time an orderly end takes: nobody will read this data. */
async function discard(nodes: readonly ServerNode[], dataDir: string): Promise<void> {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
  rmSync(dataDir, { recursive: true, force: true });
}
