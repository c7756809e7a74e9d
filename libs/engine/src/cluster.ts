import { CassandraLog, DriverCqlPort, platformMigrations, type CqlConnection, type Migration } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { OutboxWriter } from '@chronicle/event-sourcing-cql';
import { scyllaOutbox } from '@chronicle/event-sourcing-cql';
import type { Clock, Entropy } from '@chronicle/seams';
import { DEFAULT_KEYSPACE, type EngineConfig } from './engine-config.js';

/** The configured cluster: how to reach it, and where its two dialects differ. */
export class Cluster {
  readonly dialect: 'scylla' | 'cassandra';
  readonly keyspace: string;
  /** The datacentre that writes. */
  readonly datacenter: string;
  readonly changeLogRetentionMs: number;
  readonly #connection: CqlConnection;

  constructor(config: EngineConfig) {
    const { engine, contactPoints, writeDatacenter, changeLogRetentionHours = 7 * 24 } = config;
    const { keyspace = DEFAULT_KEYSPACE } = config;
    if (engine === 'embedded' || !contactPoints || !writeDatacenter) {
      throw new TypeError(`engine ${engine}: expected a cluster with contactPoints and writeDatacenter`);
    }
    this.dialect = engine;
    this.keyspace = keyspace;
    this.datacenter = writeDatacenter;
    this.changeLogRetentionMs = changeLogRetentionHours * 3_600_000;
    const { cqlUsername: username, cqlPassword: password } = config;
    const credentials = username && password ? { credentials: { username, password } } : {};
    this.#connection = { contactPoints, localDataCenter: writeDatacenter, ...credentials };
  }

  /** The steps of its schema. */
  migrations(): Promise<readonly Migration[]> {
    return platformMigrations({ dialect: this.dialect, changeLogRetentionS: this.changeLogRetentionMs / 1000 });
  }

  /** Connects. Throws `StoreUnavailableError`, which names the contact points, when none answers. */
  async connect(options: Pick<CqlConnection, 'keyspace' | 'requestTimeoutMs'>): Promise<DriverCqlPort> {
    try {
      return await DriverCqlPort.open({ ...this.#connection, ...options });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      const points = this.#connection.contactPoints.join(', ');
      throw new StoreUnavailableError(`${this.dialect} does not answer at ${points}`, { cause: error });
    }
  }

  /** Who brings events into the change log. */
  async outbox(port: DriverCqlPort, clock: Clock, entropy: Entropy): Promise<OutboxWriter> {
    if (this.dialect === 'scylla') return scyllaOutbox(port);
    const retentionS = this.changeLogRetentionMs / 1000;
    return CassandraLog.open({ port, keyspace: this.keyspace, clock, entropy, retentionS });
  }
}
