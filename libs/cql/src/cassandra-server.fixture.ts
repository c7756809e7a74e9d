import { systemClock, systemEntropy } from '@chronicle/seams';
import { statement } from './cql-port.js';
import { DriverCqlPort, type CqlConnection } from './driver-cql-port.js';
import { ensureKeyspace } from './keyspace.js';

/** A server under load takes its time to create tables. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The Cassandra whose address the run's set-up has put into the environment. */
export class CassandraServer {
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;
  /** Describes what needs it; skipped when there is none (the set-up says so, loudly). */
  readonly describe: (subject: string, suite: () => void) => void;

  constructor(environment: NodeJS.ProcessEnv) {
    this.contactPoints = environment.CHRONICLE_CASSANDRA?.split(',') ?? [];
    this.localDataCenter = environment.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1';
    this.describe = this.contactPoints.length > 0 ? describe : describe.skip;
  }

  /** A keyspace of its own for one spec. */
  keyspace(): TestKeyspace {
    return new TestKeyspace(this);
  }
}

export class TestKeyspace {
  readonly name = `cql_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  readonly options = { keyspace: this.name, clock: systemClock, entropy: systemEntropy };
  readonly #server: CassandraServer;
  readonly #ports: DriverCqlPort[] = [];

  constructor(server: CassandraServer) {
    this.#server = server;
  }

  async create(): Promise<void> {
    const port = await this.#open({});
    const replication = { [this.#server.localDataCenter]: 1 };
    await ensureKeyspace(port, { keyspace: this.name, dialect: 'cassandra', replication });
  }

  /** Another connection to it. */
  connect(onWarning?: (warning: string) => void): Promise<DriverCqlPort> {
    return this.#open({ keyspace: this.name, ...(onWarning && { onWarning }) });
  }

  /** Drops it and closes its connections. */
  async remove(): Promise<void> {
    await this.#ports[0]?.write(statement('test.drop', `DROP KEYSPACE IF EXISTS ${this.name}`), []);
    await Promise.all(this.#ports.map((port) => port.close()));
  }

  async #open(options: Pick<CqlConnection, 'keyspace' | 'onWarning'>): Promise<DriverCqlPort> {
    const { contactPoints, localDataCenter } = this.#server;
    const requestTimeoutMs = REQUEST_TIMEOUT_MS;
    const port = await DriverCqlPort.open({ contactPoints, localDataCenter, requestTimeoutMs, ...options });
    this.#ports.push(port);
    return port;
  }
}
