import {
  ensureKeyspace,
  migrate,
  statement,
  type CqlPort,
  type DriverCqlPort,
  type MigrationReport,
} from '@chronicle/cql';
import type { ProjectionDefinition } from '@chronicle/projection-core';
import { migrateReadModel } from '@chronicle/projection-cql';
import { Cluster } from './cluster.js';
import type { EngineConfig, EngineSurroundings } from './engine-config.js';

/** The keyspace is to be made, and nobody said how often each datacentre keeps a row. */
export class ReplicationMissingError extends Error {
  override readonly name = 'ReplicationMissingError';
  readonly code = 'replication-missing';
  constructor(keyspace: string, datacenter: string) {
    super(`keyspace ${keyspace} does not exist yet: say how it is to be replicated, such as ${datacenter}:3`);
  }
}

export interface ClusterMigration {
  /** The read models whose tables are made. */
  readonly projections: readonly ProjectionDefinition[];
  /** Replicas by datacentre, `{ dc1: 3 }`; needed when the keyspace does not exist. One that exists stays as it is. */
  readonly replication: Readonly<Record<string, number>> | null;
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Told of each step as it is decided. */
  readonly onProgress?: (step: MigrationReport) => void;
}

/** Creating a table may take long on a cluster that has much to do. */
const REQUEST_TIMEOUT_MS = 60_000;

const findKeyspace = statement(
  'engine.find-keyspace',
  'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?',
);

/**
 * Makes the keyspace of a cluster and all of its tables, as far as they are missing: those of the platform, the change log's
 * first generation, those of the read models. Safe to repeat, and when two do it at once. Throws {@link ReplicationMissingError},
 * and what `migrate` of `@chronicle/cql` throws.
 */
export async function migrateCluster(
  config: EngineConfig,
  migration: ClusterMigration,
  surroundings: EngineSurroundings,
): Promise<readonly MigrationReport[]> {
  const cluster = new Cluster(config);
  const reports: MigrationReport[] = [];
  const tell = (step: MigrationReport) => {
    reports.push(step);
    migration.onProgress?.(step);
  };
  const isThere = await withPort(cluster, {}, (port) => prepareKeyspace(port, cluster, migration, tell));
  const keyspace = isThere ? { keyspace: cluster.keyspace } : {};
  await withPort(cluster, keyspace, (port) => migrateTables(port, cluster, { ...migration, tell }, surroundings));
  return reports;
}

type Tell = (step: MigrationReport) => void;

/** True when the keyspace is there now. */
async function prepareKeyspace(
  port: CqlPort,
  { keyspace, dialect, datacenter }: Cluster,
  { replication, dryRun = false }: ClusterMigration,
  tell: Tell,
): Promise<boolean> {
  const step = { id: `keyspace ${keyspace}`, statements: 1 };
  if ((await port.readOne(findKeyspace, [keyspace])) !== undefined) {
    tell({ ...step, outcome: 'present' });
    return true;
  }
  if (!replication) throw new ReplicationMissingError(keyspace, datacenter);
  if (!dryRun) await ensureKeyspace(port, { keyspace, dialect, replication });
  tell({ ...step, outcome: dryRun ? 'would be applied' : 'applied' });
  return !dryRun;
}

async function migrateTables(
  port: DriverCqlPort,
  cluster: Cluster,
  { projections, dryRun = false, tell }: ClusterMigration & { readonly tell: Tell },
  { clock, entropy }: EngineSurroundings,
): Promise<void> {
  const options = { keyspace: cluster.keyspace, clock, entropy, dryRun, onProgress: tell };
  await migrate(port, await cluster.migrations(), options);
  if (!dryRun) await cluster.outbox(port, clock, entropy); // makes the first generation of a log that the database does not write
  for (const projection of projections) await migrateReadModel(port, projection, options);
}

async function withPort<T>(
  cluster: Cluster,
  keyspace: { readonly keyspace?: string },
  work: (port: DriverCqlPort) => Promise<T>,
): Promise<T> {
  const port = await cluster.connect({ ...keyspace, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  try {
    return await work(port);
  } finally {
    await port.close();
  }
}
