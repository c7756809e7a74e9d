import type { CqlFeedObserver } from '@chronicle/change-feed-cql';
import type { Clock, Entropy } from '@chronicle/seams';

/** The keyspace of a cluster, when none is named. */
export const DEFAULT_KEYSPACE = 'chronicle';

/** Which engine keeps the data, and where; the configuration of every app has these fields. */
export interface EngineConfig {
  readonly engine: 'embedded' | 'scylla' | 'cassandra';
  /** The folder of the embedded engine and of the topic, shared by all processes of one machine. */
  readonly dataDir: string;
  /** `host:port` of nodes of the cluster; needed by `scylla` and `cassandra`, as is `writeDatacenter`. */
  readonly contactPoints?: readonly string[] | null;
  /** The one datacentre that writes, repairs and reads the change log. */
  readonly writeDatacenter?: string | null;
  /** Default {@link DEFAULT_KEYSPACE}. */
  readonly keyspace?: string;
  readonly cqlUsername?: string | null;
  readonly cqlPassword?: string | null;
  /** How long the change log of a cluster keeps an event (default 168); the same for migration and apps. */
  readonly changeLogRetentionHours?: number;
  /** How long {@link Engine.close} may take (default 20,000). */
  readonly drainTimeoutMs?: number;
}

export interface EngineSurroundings {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Told of what fails behind appends that were acknowledged; each is tried again by itself. */
  readonly onBackgroundFailure?: (error: unknown) => void;
  /** Told what the change feed of a cluster meets. */
  readonly feedObserver?: CqlFeedObserver;
}
