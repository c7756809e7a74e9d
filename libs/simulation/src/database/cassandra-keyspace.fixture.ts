import {
  CassandraLog,
  DriverCqlPort,
  ensureKeyspace,
  migrate,
  platformMigrations,
  statement,
  type CqlPort,
} from '@chronicle/cql';
import { systemClock, systemEntropy } from '@chronicle/seams';

/** A server under load takes its time to create tables. */
const SLOW_REQUEST_TIMEOUT_MS = 60_000;

/** A migrated keyspace of its own on the Cassandra whose address the run's set-up has put into the environment. */
export class CassandraKeyspace {
  readonly name = `sim_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  /** Describes what needs it; skipped when there is none (the set-up says so, loudly). */
  readonly describe: (subject: string, suite: () => void) => void;
  readonly #contactPoints: readonly string[];
  readonly #localDataCenter: string;
  #port: DriverCqlPort | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#contactPoints = environment.CHRONICLE_CASSANDRA?.split(',') ?? [];
    this.#localDataCenter = environment.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1';
    this.describe = this.#contactPoints.length > 0 ? describe : describe.skip;
  }

  get port(): CqlPort {
    if (!this.#port) throw new Error('create the keyspace first');
    return this.#port;
  }

  async create(): Promise<void> {
    const admin = await this.#open({});
    const replication = { [this.#localDataCenter]: 1 };
    await ensureKeyspace(admin, { keyspace: this.name, dialect: 'cassandra', replication });
    await admin.close();
    this.#port = await this.#open({ keyspace: this.name });
    const options = { keyspace: this.name, clock: systemClock, entropy: systemEntropy };
    await migrate(this.#port, await platformMigrations({ dialect: 'cassandra' }), options);
  }

  log(port: CqlPort): Promise<CassandraLog> {
    return CassandraLog.open({ keyspace: this.name, clock: systemClock, entropy: systemEntropy, port });
  }

  async empty(tables: readonly string[]): Promise<void> {
    for (const table of tables) await this.port.write(statement('test.truncate', `TRUNCATE ${table}`), []);
  }

  async remove(): Promise<void> {
    await this.port.write(statement('test.drop', `DROP KEYSPACE ${this.name}`), []);
    await this.port.close();
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
