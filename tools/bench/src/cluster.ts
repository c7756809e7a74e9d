import { randomBytes } from 'node:crypto';
import { DriverCqlPort, statement } from '@chronicle/cql';
import { migrateCluster, type EngineConfig } from '@chronicle/engine';
import { orderProjections } from '@chronicle/orders-read-models';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { startCassandra } from '@chronicle/tool-servers';

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

const SLOW_REQUEST_TIMEOUT_MS = 60_000;

/**
 * Runs `body` with a keyspace of its own, all tables in it: on the cluster that was named, where it is dropped afterwards, else on
 * a Cassandra of its own with its data in `folder`, which is stopped.
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
    const keyspace = `bench_${randomBytes(6).toString('hex')}`;
    const engine = engineOn({ contactPoints, datacenter, keyspace }, folder);
    await migrateCluster(
      engine,
      { projections: orderProjections, replication: { [datacenter]: 1 } },
      { clock, entropy },
    );
    try {
      return await body({ contactPoints, datacenter, keyspace, serverPid: own?.nodes[0]!.pid });
    } finally {
      if (named) await dropKeyspace(named, keyspace);
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

async function dropKeyspace({ contactPoints, datacenter }: NamedCluster, keyspace: string): Promise<void> {
  const port = await DriverCqlPort.open({
    contactPoints,
    localDataCenter: datacenter,
    requestTimeoutMs: SLOW_REQUEST_TIMEOUT_MS,
  });
  try {
    await port.write(statement('bench.drop-keyspace', `DROP KEYSPACE ${keyspace}`), []);
  } finally {
    await port.close();
  }
}
