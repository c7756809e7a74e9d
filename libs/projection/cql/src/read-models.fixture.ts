import {
  DriverCqlPort,
  ensureKeyspace,
  migrate,
  platformMigrations,
  statement,
  type CqlConnection,
  type CqlPort,
} from '@chronicle/cql';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';

/** A server under load takes its time to create tables. */
const SLOW_REQUEST_TIMEOUT_MS = 60_000;

/** A migrated keyspace for the specs of one file, on the Cassandra or ScyllaDB whose address the run's set-up has put into the environment. */
export class CassandraReadModels {
  readonly keyspace = `pj_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
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

  /** What tables are made with. */
  get schema() {
    return { keyspace: this.keyspace, clock, entropy };
  }

  async create(onWarning?: (warning: string) => void): Promise<void> {
    const { keyspace, dialect } = this;
    const admin = await this.#open({});
    await ensureKeyspace(admin, { keyspace, dialect, replication: { [this.#localDataCenter]: 1 } });
    await admin.close();
    this.#port = await this.#open({ keyspace, ...(onWarning && { onWarning }) });
    await migrate(this.#port, await platformMigrations({ dialect }), this.schema);
  }

  async remove(): Promise<void> {
    await this.port.write(statement('test.drop', `DROP KEYSPACE ${this.keyspace}`), []);
    await this.port.close();
  }

  #open(options: Pick<CqlConnection, 'keyspace' | 'onWarning'>): Promise<DriverCqlPort> {
    return DriverCqlPort.open({
      contactPoints: this.#contactPoints,
      localDataCenter: this.#localDataCenter,
      requestTimeoutMs: SLOW_REQUEST_TIMEOUT_MS,
      ...options,
    });
  }
}
