import {
  CassandraLog,
  DriverCqlPort,
  ensureKeyspace,
  migrate,
  platformMigrations,
  statement,
  type CqlPort,
} from '@chronicle/cql';
import { systemClock, systemEntropy, type Clock } from '@chronicle/seams';
import { CqlEventStore, type CqlEventStoreOptions } from './cql-event-store.js';
import { scyllaOutbox, type OutboxWriter } from './outbox.js';

/** A server under load takes its time to create tables. */
const SLOW_REQUEST_TIMEOUT_MS = 60_000;
const TABLES_OF_STORE = [
  'event_store',
  'aggregate_snapshots',
  'append_intents',
  'instances',
  'outbox_messages',
  'outbox_messages_scylla_cdc_log',
];

/** A migrated keyspace for the specs of one file, on the Cassandra or ScyllaDB whose address the run's set-up has put into the environment. */
export class CassandraStores {
  readonly keyspace = `es_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  /** Describes what needs it; skipped when there is none (the set-up says so, loudly). */
  readonly describe: (subject: string, suite: () => void) => void;
  readonly dialect: 'cassandra' | 'scylla';
  readonly #contactPoints: readonly string[];
  readonly #localDataCenter: string;
  #port: CqlPort | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    this.dialect = environment.CHRONICLE_SCYLLA ? 'scylla' : 'cassandra';
    const addresses = environment.CHRONICLE_SCYLLA || environment.CHRONICLE_CASSANDRA;
    this.#contactPoints = addresses?.split(',') ?? [];
    this.#localDataCenter = environment.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1';
    this.describe = this.#contactPoints.length > 0 ? describe : describe.skip;
  }

  get port(): CqlPort {
    if (!this.#port) throw new Error('create the keyspace first');
    return this.#port;
  }

  async create(): Promise<void> {
    const { keyspace, dialect } = this;
    const admin = await this.#open({});
    await ensureKeyspace(admin, { keyspace, dialect, replication: { [this.#localDataCenter]: 1 } });
    await admin.close();
    this.#port = await this.#open({ keyspace });
    const options = { keyspace, clock: systemClock, entropy: systemEntropy };
    await migrate(this.#port, await platformMigrations({ dialect }), options);
    await this.log();
  }

  /** Empties what a store writes. */
  async empty(): Promise<void> {
    for (const table of TABLES_OF_STORE) await this.port.write(statement('test.truncate', `TRUNCATE ${table}`), []);
  }

  async remove(): Promise<void> {
    await this.port.write(statement('test.drop', `DROP KEYSPACE ${this.keyspace}`), []);
    await this.port.close();
  }

  /** What brings events into the change log: on ScyllaDB the database does, from rows of the outbox. */
  async log(port: CqlPort = this.port): Promise<OutboxWriter> {
    if (this.dialect === 'scylla') return scyllaOutbox(port);
    return CassandraLog.open({ keyspace: this.keyspace, clock: systemClock, entropy: systemEntropy, port });
  }

  /** A writing store that has its own change log, through `port`. */
  async open(options: Partial<CqlEventStoreOptions> = {}): Promise<CqlEventStore> {
    const { port = this.port } = options;
    const outbox = options.outbox ?? (await this.log(port));
    return CqlEventStore.open({ clock: systemClock, entropy: systemEntropy, ...options, port, outbox });
  }

  #open(keyspace: { readonly keyspace?: string }): Promise<DriverCqlPort> {
    return DriverCqlPort.open({
      contactPoints: this.#contactPoints,
      localDataCenter: this.#localDataCenter,
      requestTimeoutMs: SLOW_REQUEST_TIMEOUT_MS,
      ...keyspace,
    });
  }
}

/** The time of `clock`, and waits of real duration: what a contract's clock is for a store that waits for a database. */
export function timeOf(clock: Clock): Clock {
  return { now: () => clock.now(), monotonic: systemClock.monotonic, sleep: systemClock.sleep };
}
