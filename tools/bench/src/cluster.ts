import type { EngineConfig } from '@chronicle/engine';
import { startCassandra, type CommitLogSync } from '@chronicle/tool-servers';
import { TrialKeyspace } from '@chronicle/tool-system';

/** A cluster database with a keyspace for one measurement. */
export interface Cluster {
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
  readonly keyspace: string;
  /** Of the server, when it is ours alone. */
  readonly serverPid: number | undefined;
}

/** A cluster that is there already, and its datacentre. */
export interface NamedCluster {
  readonly contactPoints: readonly string[];
  readonly datacenter: string;
}

/** A node of Apache Cassandra that the bench starts for each measurement. */
export interface OwnCassandra {
  readonly commitLogSync: CommitLogSync;
}

/**
 * Runs `body` with a keyspace of its own, all tables in it, on the cluster that was named or on a Cassandra of its own with its data
 * in `folder`. Drops the keyspace and stops that Cassandra afterwards.
 */
export async function withCluster<Result>(
  chosen: NamedCluster | OwnCassandra,
  folder: string,
  body: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  if (!('commitLogSync' in chosen)) return withKeyspace({ ...chosen, serverPid: undefined }, folder, body);
  const own = await startCassandra({ dataDir: folder, ...chosen });
  try {
    const { contactPoints, localDataCenter: datacenter, nodes } = own;
    return await withKeyspace({ contactPoints, datacenter, serverPid: nodes[0]!.pid }, folder, body);
  } finally {
    await own.stop();
  }
}

async function withKeyspace<Result>(
  cluster: Omit<Cluster, 'keyspace'>,
  folder: string,
  body: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const { contactPoints, datacenter: writeDatacenter } = cluster;
  const trial = new TrialKeyspace({ engine: 'cassandra', contactPoints, writeDatacenter }, folder);
  try {
    await trial.start(() => undefined);
    return await body({ ...cluster, keyspace: trial.keyspace });
  } finally {
    await trial.stop();
  }
}

/** The engine of apps that work on a cluster. */
export function engineOn(
  { contactPoints, datacenter, keyspace }: Pick<Cluster, 'contactPoints' | 'datacenter' | 'keyspace'>,
  dataDir: string,
): EngineConfig {
  return { engine: 'cassandra', dataDir, contactPoints, writeDatacenter: datacenter, keyspace };
}
