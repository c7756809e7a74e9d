import { CassandraLog, type CqlPort } from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import { systemClock, systemEntropy, type Clock } from '@chronicle/seams';
import { CqlEventStore, type CqlEventStoreOptions } from './cql-event-store.js';
import { scyllaOutbox, type OutboxWriter } from './outbox.js';

const TABLES_OF_STORE = [
  'event_store',
  'aggregate_snapshots',
  'append_intents',
  'instances',
  'outbox_messages',
  'outbox_messages_scylla_cdc_log',
];

/** A migrated keyspace for the specs of one file, on the Cassandra or ScyllaDB whose address the run's set-up has put into the environment. */
export class CassandraStores extends TestKeyspace {
  /** Describes what needs it; skipped when there is none. */
  readonly describe = this.cluster.isThere ? describe : describe.skip;

  constructor(environment: NodeJS.ProcessEnv) {
    super(new TestCluster(environment));
  }

  override async create(): Promise<void> {
    await super.create();
    await this.log();
  }

  /** Empties what a store writes. */
  empty(): Promise<void> {
    return this.truncate(TABLES_OF_STORE);
  }

  /** What brings events into the change log: on ScyllaDB the database does, from rows of the outbox. */
  async log(port: CqlPort = this.port): Promise<OutboxWriter> {
    if (this.dialect === 'scylla') return scyllaOutbox(port);
    return CassandraLog.open({ ...this.options, port });
  }

  /** A writing store that has its own change log, through `port`. */
  async open(options: Partial<CqlEventStoreOptions> = {}): Promise<CqlEventStore> {
    const { port = this.port } = options;
    const outbox = options.outbox ?? (await this.log(port));
    return CqlEventStore.open({ clock: systemClock, entropy: systemEntropy, ...options, port, outbox });
  }
}

/** The time of `clock`, and waits of real duration: what a contract's clock is for a store that waits for a database. */
export function timeOf(clock: Clock): Clock {
  return { now: () => clock.now(), monotonic: systemClock.monotonic, sleep: systemClock.sleep };
}
