import type { ChangeFeed, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { BUCKET_COUNT, CqlChangeFeed, CqlConsumerStore, CqlGroupCoordination } from '@chronicle/change-feed-cql';
import { CqlRefusedError, migrate, type DriverCqlPort } from '@chronicle/cql';
import type { EventStore, SnapshotStore } from '@chronicle/event-sourcing-core';
import { CQL_EVENT_STORE_DEFAULTS, CqlEventStore, CqlSnapshotStore } from '@chronicle/event-sourcing-cql';
import type { ProjectionDefinition, ReadModelReader, RowChange } from '@chronicle/projection-core';
import { CqlReadModelReader, openCqlProjectionStore } from '@chronicle/projection-cql';
import { Cluster } from './cluster.js';
import type { EngineConfig, EngineSurroundings } from './engine-config.js';
import { Engine, type ConsumerGroup, type WritingStatus } from './engine.js';

/** The keyspace lacks tables of this version. It is tried again by itself: whoever migrates it helps. */
export class NotMigratedError extends Error {
  override readonly name = 'NotMigratedError';
  readonly code = 'not-migrated';
  readonly retryable = true;
  constructor(keyspace: string, lacks: string, options?: ErrorOptions) {
    super(`keyspace ${keyspace} ${lacks}: run \`npm run --silent cli -- migrate\` with the same settings`, options);
  }
}

/** The event store has this share of the time to drain; the rest is for HTTP requests before it, and the port after it. */
const DRAIN_SHARE = 0.75;
const DRAIN_TIMEOUT_MS = 20_000;

/** A keyspace of ScyllaDB or Cassandra, through the one connection of this process. */
export class CqlEngine extends Engine {
  readonly #cluster: Cluster;
  readonly #port: DriverCqlPort;
  readonly #surroundings: EngineSurroundings;
  readonly #drainTimeoutMs: number;
  #writer: CqlEventStore | undefined;

  private constructor(cluster: Cluster, port: DriverCqlPort, config: EngineConfig, surroundings: EngineSurroundings) {
    super();
    this.#cluster = cluster;
    this.#port = port;
    this.#surroundings = surroundings;
    this.#drainTimeoutMs = DRAIN_SHARE * (config.drainTimeoutMs ?? DRAIN_TIMEOUT_MS);
  }

  /** Connects. Throws `StoreUnavailableError` when no node answers, {@link NotMigratedError}, `MigrationChangedError`. */
  static async open(config: EngineConfig, surroundings: EngineSurroundings): Promise<CqlEngine> {
    const cluster = new Cluster(config);
    const port = await connectToKeyspace(cluster);
    try {
      await requireMigrated(cluster, port, surroundings);
    } catch (error) {
      await port.close();
      throw error;
    }
    return new CqlEngine(cluster, port, config, surroundings);
  }

  override get changeLogRetentionMs(): number {
    return this.#cluster.changeLogRetentionMs;
  }

  override async eventStore(mode: 'write' | 'read'): Promise<EventStore> {
    const port = this.#port;
    const { clock, entropy, onBackgroundFailure } = this.#surroundings;
    if (mode === 'read') return this.keep(CqlEventStore.open({ port, clock, entropy }));
    const outbox = await this.#cluster.outbox(port, clock, entropy);
    const settings = { drainTimeoutMs: this.#drainTimeoutMs };
    const opening = CqlEventStore.open({
      ...{ port, clock, entropy, outbox, settings },
      ...(onBackgroundFailure && { onBackgroundFailure }),
    });
    return (this.#writer = await this.keep(opening));
  }

  override get writing(): WritingStatus | undefined {
    const status = this.#writer?.writing;
    if (!status) return undefined;
    const { pendingAppends, undecidedAttempts: undecidedAppends, repairs } = status;
    const pendingAppendsMax = CQL_EVENT_STORE_DEFAULTS.maxPendingOutboxWrites;
    return { pendingAppends, pendingAppendsMax, undecidedAppends, repairs };
  }

  override snapshotStore(): Promise<SnapshotStore> {
    return this.keep(new CqlSnapshotStore(this.#port));
  }

  override changeFeed(): Promise<ChangeFeed> {
    const { dialect, keyspace, changeLogRetentionMs: retentionMs } = this.#cluster;
    const { clock, feedObserver: observer } = this.#surroundings;
    const log = { port: this.#port, keyspace, dialect, clock, retentionMs };
    return this.keep(CqlChangeFeed.open({ ...log, ...(observer && { observer }) }));
  }

  override groupCoordination({ group, version = 1 }: ConsumerGroup): Promise<GroupCoordination> {
    return this.keep(CqlGroupCoordination.open({ port: this.#port, group, version, bucketCount: BUCKET_COUNT }));
  }

  override consumerStore({ group, version = 1 }: ConsumerGroup): Promise<ConsumerStore> {
    return this.keep(CqlConsumerStore.open({ port: this.#port, group, version }));
  }

  /** Reading makes nothing here; a bucket that was ever owned has an epoch. */
  override async hasRun(group: ConsumerGroup): Promise<boolean> {
    const buckets = await (await this.groupCoordination(group)).buckets();
    return buckets.some(({ epoch }) => epoch > 0);
  }

  override projectionStore(definition: ProjectionDefinition): Promise<ConsumerStore<RowChange>> {
    const { keyspace } = this.#cluster;
    const { clock, entropy } = this.#surroundings;
    return this.keep(openCqlProjectionStore({ port: this.#port, keyspace, clock, entropy, definition }));
  }

  override async readModel(definition: ProjectionDefinition): Promise<ReadModelReader> {
    return this.keep(new CqlReadModelReader({ port: this.#port, definition, clock: this.#surroundings.clock }));
  }

  protected override end(): Promise<void> {
    return this.#port.close();
  }
}

async function connectToKeyspace(cluster: Cluster): Promise<DriverCqlPort> {
  const { keyspace } = cluster;
  try {
    return await cluster.connect({ keyspace });
  } catch (error) {
    if (error instanceof CqlRefusedError) throw new NotMigratedError(keyspace, 'cannot be used', { cause: error });
    throw error;
  }
}

async function requireMigrated(cluster: Cluster, port: DriverCqlPort, surroundings: EngineSurroundings): Promise<void> {
  const { keyspace } = cluster;
  const steps = await migrate(port, await cluster.migrations(), { ...surroundings, keyspace, dryRun: true });
  const missing = steps.filter(({ outcome }) => outcome !== 'present').map(({ id }) => id);
  if (missing.length > 0) throw new NotMigratedError(keyspace, `lacks ${missing.join(', ')}`);
}
