import { migrateCluster } from '@chronicle/engine';
import type { EngineConfig } from '@chronicle/engine';
import { orderProjections } from '@chronicle/orders-read-models';
import { systemClock, systemEntropy } from '@chronicle/seams';
import type { EngineOptions } from './engine-options.js';

/** The cluster database that the apps of a system work on. */
export interface Database {
  /** Makes it ready, with its keyspace and all tables, and answers where it is. `tell` hears each step, in a line for people. */
  start(tell: (line: string) => void): Promise<EngineConfig>;
  /** Ends what was started. The data stays. */
  stop(): Promise<void>;
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

/** Makes what is missing of the keyspace and its tables. */
export async function prepareKeyspace(
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
