import { migrateCluster } from '@chronicle/engine';
import type { EngineConfig } from '@chronicle/engine';
import { orderProjections } from '@chronicle/orders-read-models';
import { systemClock, systemEntropy } from '@chronicle/seams';
import type { CassandraServers } from '@chronicle/tool-servers';
import type { EngineOptions } from './engine-options.js';

/** The cluster database that the apps of a system work on. */
export interface Database {
  /** Makes it ready, with its keyspace and all tables, and answers where it is. `tell` hears each step, in a line for people. */
  start(tell: (line: string) => void): Promise<EngineConfig>;
  /** Ends what was started. The data stays. */
  stop(): Promise<void>;
}

/** The database that was asked for; undefined for the embedded engine, which has none. */
export function databaseOf(options: EngineOptions): Database | undefined {
  if (options.engine.engine === 'embedded') return undefined;
  return options.engine.contactPoints ? namedCluster(options) : new OwnCassandra(options.engine);
}

/** A cluster that somebody else runs. Only what is missing of its keyspace is made. */
export function namedCluster({ engine, replication }: EngineOptions): Database {
  return {
    async start(tell) {
      const found = await withDatacenter(engine);
      tell(`${found.engine} at ${found.contactPoints!.join(', ')}, datacentre ${found.writeDatacenter}`);
      await prepareKeyspace(found, replication, tell);
      return found;
    },
    stop: async () => {},
  };
}

/** The engine with the datacentre of the cluster's first contact point, unless it was named. */
export async function withDatacenter(engine: EngineConfig): Promise<EngineConfig> {
  const [first] = engine.contactPoints ?? [];
  if (engine.engine === 'embedded' || engine.writeDatacenter || first === undefined) return engine;
  const address = /:\d+$/.test(first) ? first : `${first}:9042`;
  try {
    const { askCql } = await servers();
    return { ...engine, writeDatacenter: (await askCql(address)).dataCenter };
  } catch (cause) {
    throw new DatabaseError(
      `${first} does not answer (${(cause as Error).message}): is ${engine.engine} running there? ` +
        'If it wants a password, name its datacentre with --local-data-center',
      { cause },
    );
  }
}

/** The database cannot be used; the message says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code = 'database';
}

/** A small machine with much else to do takes minutes where others take ten seconds. */
const READY_TIMEOUT_MS = 300_000;

/** One node of Cassandra on the data directory, which ends with this process. */
export class OwnCassandra implements Database {
  private servers: CassandraServers | undefined;

  constructor(private readonly engine: Pick<EngineConfig, 'dataDir' | 'keyspace' | 'changeLogRetentionHours'>) {}

  async start(tell: (line: string) => void): Promise<EngineConfig> {
    const { dataDir } = this.engine;
    const { startCassandra } = await servers();
    this.servers = await startCassandra({
      dataDir,
      readyTimeoutMs: READY_TIMEOUT_MS,
      progress: (line) => tell(line.replace(/^cassandra: /, '')),
    });
    const { contactPoints, localDataCenter: writeDatacenter } = this.servers;
    const engine: EngineConfig = { ...this.engine, engine: 'cassandra', contactPoints, writeDatacenter };
    await prepareKeyspace(engine, { [writeDatacenter]: 1 }, tell);
    return engine;
  }

  async stop(): Promise<void> {
    await this.servers?.stop();
  }
}

async function prepareKeyspace(
  engine: EngineConfig,
  replication: EngineOptions['replication'],
  tell: (line: string) => void,
): Promise<void> {
  const surroundings = { clock: systemClock, entropy: systemEntropy };
  const steps = await migrateCluster(engine, { projections: orderProjections, replication }, surroundings);
  const done = steps.filter(({ outcome }) => outcome === 'applied').map(({ id }) => id);
  tell(done.length === 0 ? `keyspace ${engine.keyspace} is up to date` : `made ${done.join(', ')}`);
}

/** Loaded when a database is used: what knows servers brings half a second of modules with it. */
function servers() {
  return import('@chronicle/tool-servers');
}
