import cassandra from 'cassandra-driver';
import { atOnce } from './at-once.js';
import { CqlPort, PAGE_ROWS_MAX } from './cql-port.js';
import type {
  BoundStatement,
  ConditionalResult,
  CqlPage,
  CqlRow,
  CqlValue,
  ReadOptions,
  Statement,
} from './cql-port.js';
import { classifyCqlError, type RequestKind } from './cql-error.js';
import { rowsFromDriver, toDriver } from './driver-values.js';
import { parcels } from './parcels.js';

export interface CqlConnection {
  /** `host` or `host:port`, at least one. All nodes of the cluster listen on the port of the first (default 9042). */
  readonly contactPoints: readonly string[];
  /** The one datacentre that writes, repairs and reads the log. */
  readonly localDataCenter: string;
  /** Absent: none yet (before it has been made). */
  readonly keyspace?: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** How long an answer may take before its outcome is unknown (default 5000). */
  readonly requestTimeoutMs?: number;
  /** Told of what the server warns of with an answer, in its own words: a read that passed many tombstones. */
  readonly onWarning?: (warning: string) => void;
}

const PORT = 9042;
const REQUEST_TIMEOUT_MS = 5_000;
const RECONNECT_EVERY_MS = 1_000;
/**
 * A node that hangs keeps its connections: after so many unanswered requests at a time, one is closed and the node passed over until it
 * takes connections again. The driver's own 64 are many for a worker, which has few under way.
 */
const UNANSWERED_MAX = 4;
/** What may be carried out twice, and late, is also sent to one other node when it has no answer by then. */
const SECOND_NODE_AFTER_MS = 500;
/** Requests on one connection at a time: the driver refuses more, and then nothing was sent. */
const REQUESTS_PER_CONNECTION_MAX = 2_048;
/** A read that a node could not carry out goes to the next one. */
const REPEAT_READS = new cassandra.policies.retry.RetryPolicy();
/** Parcels of one {@link DriverCqlPort.writeAll} under way at a time. */
const PARCELS_AT_ONCE = 32;

/** A {@link CqlPort} on a real cluster, ScyllaDB or Cassandra. */
export class DriverCqlPort extends CqlPort {
  readonly #client: cassandra.Client;
  readonly #localDataCenter: string;
  readonly #onWarning: (warning: string) => void;
  /** The driver's close rejects what is in flight: it has to be waited for before. */
  readonly #inFlight = new Set<Promise<unknown>>();

  private constructor(client: cassandra.Client, { localDataCenter, onWarning = () => undefined }: CqlConnection) {
    super();
    this.#client = client;
    this.#localDataCenter = localDataCenter;
    this.#onWarning = onWarning;
  }

  /** Connects. Throws `StoreUnavailableError` when no contact point answers. */
  static async open(connection: CqlConnection): Promise<DriverCqlPort> {
    const client = new cassandra.Client(clientOptions(connection));
    try {
      await client.connect();
    } catch (error) {
      await client.shutdown();
      throw classifyCqlError(error, 'read');
    }
    return new DriverCqlPort(client, connection);
  }

  async read(statement: Statement, values: readonly CqlValue[], options: ReadOptions = {}): Promise<CqlPage> {
    const { rowsMax = PAGE_ROWS_MAX, pageState } = options;
    const host = options.host === undefined ? undefined : this.#host(options.host);
    const result = await this.#send('read', () =>
      this.#client.execute(statement.cql, values.map(toDriver), {
        prepare: true,
        isIdempotent: true,
        retry: REPEAT_READS,
        fetchSize: rowsMax,
        ...(options.settled && { consistency: cassandra.types.consistencies.localSerial }),
        ...(pageState !== undefined && { pageState }),
        ...(host && { host }),
      }),
    );
    return { rows: rowsFromDriver(result), pageState: result.pageState ?? undefined };
  }

  async write(statement: Statement, values: readonly CqlValue[]): Promise<void> {
    await this.#carryOut('write', [{ statement, values }]);
  }

  async writeTogether(writes: readonly BoundStatement[]): Promise<void> {
    await this.#carryOut('write', writes);
  }

  /** In parcels, each an unlogged batch: for the server, and for the driver, most of the work of a small write is its request. */
  override async writeAll(writes: readonly BoundStatement[]): Promise<void> {
    await atOnce(parcels(writes), PARCELS_AT_ONCE, (parcel) => this.writeTogether(parcel));
  }

  async writeIf(writes: readonly BoundStatement[]): Promise<ConditionalResult> {
    return conditionalResult(rowsFromDriver(await this.#carryOut('conditional write', writes)));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    await this.#client.shutdown();
  }

  /** One write goes without a batch. */
  #carryOut(kind: RequestKind, writes: readonly BoundStatement[]): Promise<cassandra.types.ResultSet> {
    const [only] = writes;
    const options = { prepare: true, isIdempotent: kind === 'write' && writes.every(isStamped) };
    return this.#send(kind, () =>
      writes.length === 1 && only
        ? this.#client.execute(only.statement.cql, only.values.map(toDriver), options)
        : this.#client.batch(writes.map(query), { ...options, logged: false }),
    );
  }

  async #send(kind: RequestKind, send: () => Promise<cassandra.types.ResultSet>): Promise<cassandra.types.ResultSet> {
    const request = send();
    this.#inFlight.add(request);
    try {
      const result = await request;
      result.info.warnings?.forEach(this.#onWarning);
      return result;
    } catch (error) {
      throw classifyCqlError(error, kind);
    } finally {
      this.#inFlight.delete(request);
    }
  }

  /** The nodes of the datacentre, which stamp the writes. */
  override hosts(): readonly string[] {
    const hosts = this.#client.hosts.values();
    return hosts.filter(({ datacenter }) => datacenter === this.#localDataCenter).map(({ address }) => address);
  }

  #host(address: string): cassandra.Host {
    const host = this.#client.hosts.get(address);
    if (!host) throw classifyCqlError(new Error(`no node at ${address} is known to the driver`), 'read');
    return host;
  }
}

/**
 * The verdict of a conditional write. Cassandra answers one row, `[applied]` alone when it applied; Scylla one row a
 * statement, each with the old values in both outcomes. So only `[applied]` of the first row decides, and no row at all is
 * no verdict (the driver's own `wasApplied` would say yes).
 */
function conditionalResult(rows: readonly CqlRow[]): ConditionalResult {
  const applied = rows[0]?.['[applied]'];
  if (applied === true) return { applied: true };
  if (applied === false) {
    const current = rows.find((row) =>
      Object.entries(row).some(([column, value]) => column !== '[applied]' && value !== null),
    );
    return { applied: false, current };
  }
  throw classifyCqlError(new Error('the answer to a conditional write has no [applied] column'), 'conditional write');
}

/** Of a write with a timestamp of its own, a second one is the same one: whenever it comes, it changes nothing that is newer. */
function isStamped({ statement }: BoundStatement): boolean {
  return statement.cql.includes(' USING TIMESTAMP ');
}

function query({ statement, values }: BoundStatement): { query: string; params: unknown[] } {
  return { query: statement.cql, params: values.map(toDriver) };
}

function portOf(contactPoint: string = ''): number {
  return Number(/:(\d+)$/.exec(contactPoint)?.[1] ?? PORT);
}

function clientOptions(connection: CqlConnection): cassandra.ClientOptions {
  const { consistencies } = cassandra.types;
  const { speculativeExecution } = cassandra.policies;
  return {
    contactPoints: [...connection.contactPoints],
    // Nodes tell one another's addresses without ports: the driver looks for all that are no contact points on this one.
    protocolOptions: { port: portOf(connection.contactPoints[0]) },
    localDataCenter: connection.localDataCenter,
    ...(connection.keyspace !== undefined && { keyspace: connection.keyspace }),
    ...(connection.credentials && { credentials: connection.credentials }),
    queryOptions: {
      consistency: consistencies.localQuorum,
      serialConsistency: consistencies.localSerial,
      prepare: true,
      isIdempotent: false,
    },
    policies: {
      // The server stamps every write: a client's clock would decide the order of the change log.
      timestampGeneration: null as unknown as cassandra.policies.timestampGeneration.TimestampGenerator,
      // Its own policy waits up to ten minutes: a database that comes back is to be used again at once.
      reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(RECONNECT_EVERY_MS),
      // Never a write by itself: a condition that was met the first time would not be the second time.
      retry: new cassandra.policies.retry.FallthroughRetryPolicy(),
      // The driver does so with what is called idempotent: reads, and writes that bring their own timestamp.
      speculativeExecution: new speculativeExecution.ConstantSpeculativeExecutionPolicy(SECOND_NODE_AFTER_MS, 1),
    },
    encoding: { useBigIntAsLong: true, map: Map, set: Set },
    pooling: { maxRequestsPerConnection: REQUESTS_PER_CONNECTION_MAX },
    socketOptions: {
      readTimeout: connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      defunctReadTimeoutThreshold: UNANSWERED_MAX,
    },
  } as cassandra.ClientOptions;
}
