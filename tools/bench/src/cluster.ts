import type { EngineConfig } from '@chronicle/engine';
import { startCassandra } from '@chronicle/tool-servers';
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

/**
 * Runs `body` with a keyspace of its own, all tables in it, on the cluster that was named, else on a Cassandra of its own with its
 * data in `folder`. Drops the keyspace and stops that Cassandra afterwards.
 */
export async function withCluster<Result>(
  named: NamedCluster | undefined,
  folder: string,
  body: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const own = named ? undefined : await startCassandra({ dataDir: folder });
  try {
    const { contactPoints, datacenter } = named ?? {
      contactPoints: own!.contactPoints,
      datacenter: own!.localDataCenter,
    };
    const trial = new TrialKeyspace({ engine: 'cassandra', contactPoints, writeDatacenter: datacenter }, folder);
    try {
      await trial.start(() => undefined);
      return await body({ contactPoints, datacenter, keyspace: trial.keyspace, serverPid: own?.nodes[0]!.pid });
    } finally {
      await trial.stop();
    }
  } finally {
    await own?.stop();
  }
}

/** The engine of apps that work on a cluster. */
export function engineOn(
  { contactPoints, datacenter, keyspace }: Pick<Cluster, 'contactPoints' | 'datacenter' | 'keyspace'>,
  dataDir: string,
): EngineConfig {
  return { engine: 'cassandra', dataDir, contactPoints, writeDatacenter: datacenter, keyspace };
}
