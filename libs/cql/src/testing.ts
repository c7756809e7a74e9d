import { systemClock, systemEntropy } from '@chronicle/seams';
import { statement, type CqlPort } from './cql-port.js';
import { DriverCqlPort, type CqlConnection } from './driver-cql-port.js';
import { ensureKeyspace } from './keyspace.js';
import { migrate } from './migrate.js';
import { platformMigrations } from './schema.js';

type Dialect = 'scylla' | 'cassandra';

/** The variables by which a user names a cluster to the specs; the set-up of a run puts those of what it has started there too. */
const VARIABLES: Readonly<Record<Dialect, string>> = { scylla: 'CHRONICLE_SCYLLA', cassandra: 'CHRONICLE_CASSANDRA' };

/** A server under load takes its time to create tables. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The cluster that specs run on, if there is one. */
export class TestCluster {
  readonly dialect: Dialect;
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;

  /** The first of `dialects` that the environment names. */
  constructor(environment: NodeJS.ProcessEnv, dialects: readonly Dialect[] = ['scylla', 'cassandra']) {
    this.dialect = dialects.find((dialect) => environment[VARIABLES[dialect]]) ?? 'cassandra';
    this.contactPoints = environment[VARIABLES[this.dialect]]?.split(',') ?? [];
    this.localDataCenter = environment.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1';
  }

  /** False: specs that need it are skipped (the set-up says so, loudly). */
  get isThere(): boolean {
    return this.contactPoints.length > 0;
  }
}

/** A keyspace of its own for the specs of one file, on a cluster that others use too. */
export class TestKeyspace {
  readonly name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  /** What its tables are made with. */
  readonly options = { keyspace: this.name, clock: systemClock, entropy: systemEntropy };
  readonly #ports: DriverCqlPort[] = [];
  #port: CqlPort | undefined;

  constructor(readonly cluster: TestCluster) {}

  get dialect(): Dialect {
    return this.cluster.dialect;
  }

  /** The connection that {@link create} has made. */
  get port(): CqlPort {
    if (!this.#port) throw new Error('create the keyspace first');
    return this.#port;
  }

  /** Makes it, without tables. */
  async make(): Promise<void> {
    const port = await this.#open({});
    const replication = { [this.cluster.localDataCenter]: 1 };
    await ensureKeyspace(port, { keyspace: this.name, dialect: this.dialect, replication });
  }

  /** Makes it with the tables of the platform. */
  async create(onWarning?: (warning: string) => void): Promise<void> {
    await this.make();
    this.#port = await this.connect(onWarning);
    await migrate(this.#port, await platformMigrations({ dialect: this.dialect }), this.options);
  }

  /** Another connection to it. */
  connect(onWarning?: (warning: string) => void): Promise<DriverCqlPort> {
    return this.#open({ keyspace: this.name, ...(onWarning && { onWarning }) });
  }

  async truncate(tables: readonly string[]): Promise<void> {
    for (const table of tables) await this.port.write(statement('test.truncate', `TRUNCATE ${table}`), []);
  }

  /** Drops it, whoever has made it, and closes its connections. */
  async remove(): Promise<void> {
    if (this.#ports.length === 0) await this.#open({});
    const ports = this.#ports.splice(0);
    await ports[0]!.write(statement('test.drop', `DROP KEYSPACE IF EXISTS ${this.name}`), []);
    await Promise.all(ports.map((port) => port.close()));
  }

  async #open(options: Pick<CqlConnection, 'keyspace' | 'onWarning'>): Promise<DriverCqlPort> {
    const { contactPoints, localDataCenter } = this.cluster;
    const requestTimeoutMs = REQUEST_TIMEOUT_MS;
    const port = await DriverCqlPort.open({ contactPoints, localDataCenter, requestTimeoutMs, ...options });
    this.#ports.push(port);
    return port;
  }
}
