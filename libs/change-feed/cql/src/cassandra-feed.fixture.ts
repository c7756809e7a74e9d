import {
  CassandraLog,
  DriverCqlPort,
  ensureKeyspace,
  migrate,
  platformMigrations,
  statement,
  type CqlPort,
  type CqlRow,
  type LogLayout,
} from '@chronicle/cql';
import { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { systemClock as clock, systemEntropy as entropy, timestampText, uuidV7 } from '@chronicle/seams';
import { CqlChangeFeed, type CqlChangeFeedOptions } from './cql-change-feed.js';

/** A server under load takes its time to create tables. */
const SLOW_REQUEST_TIMEOUT_MS = 60_000;
const TABLES_OF_STORE = ['event_store', 'outbox_messages_scylla_cdc_log'];
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const APPENDED_TOGETHER = 100;

/** A migrated keyspace for the specs of one file, on the Cassandra whose address the run's set-up has put into the environment. */
export class CassandraFeed {
  readonly keyspace = `cf_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  /** Describes what needs it; skipped when there is none (the set-up says so, loudly). */
  readonly describe: (subject: string, suite: () => void) => void;
  readonly #contactPoints: readonly string[];
  readonly #localDataCenter: string;
  #port: CqlPort | undefined;
  #events: CqlEventStore | undefined;

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
    const { keyspace } = this;
    const admin = await this.#open({});
    await ensureKeyspace(admin, { keyspace, dialect: 'cassandra', replication: { [this.#localDataCenter]: 1 } });
    await admin.close();
    this.#port = await this.#open({ keyspace });
    await migrate(this.#port, await platformMigrations({ dialect: 'cassandra' }), { keyspace, clock, entropy });
  }

  /** Empties the event store and the log. */
  async empty(): Promise<void> {
    for (const table of TABLES_OF_STORE) await this.port.write(statement('test.truncate', `TRUNCATE ${table}`), []);
  }

  log(layout?: LogLayout): Promise<CassandraLog> {
    return CassandraLog.open({ port: this.port, keyspace: this.keyspace, clock, entropy, ...(layout && { layout }) });
  }

  /** Empties the log, as its rows expire; the event store keeps its events. */
  async expireLog(): Promise<void> {
    await this.port.write(statement('test.expire', 'TRUNCATE outbox_messages_scylla_cdc_log'), []);
  }

  /** Makes the first generation of the log, on vnodes, and has it begin this long ago. */
  async beginLogAgo(ms: number): Promise<void> {
    await this.log();
    const { port } = this;
    const [generation] = await this.#rows('SELECT time FROM cdc_generation_timestamps');
    const time = generation!.time as string;
    const began = new Date(Date.parse(time) - ms).toISOString();
    const insert = 'INSERT INTO cdc_streams_descriptions_v2 (time, range_end, streams) VALUES (?, ?, ?)';
    for (const row of await this.#rows('SELECT range_end, streams FROM cdc_streams_descriptions_v2')) {
      await port.write(statement('test.copy-streams', insert), [began, row.range_end, row.streams]);
    }
    const move = `INSERT INTO cdc_generation_timestamps (key, time) VALUES ('timestamps', ?)`;
    await port.write(statement('test.write-generation', move), [began]);
    const remove = `DELETE FROM cdc_generation_timestamps WHERE key = 'timestamps' AND time = ?`;
    await port.write(statement('test.delete-generation', remove), [time]);
  }

  async #rows(cql: string): Promise<CqlRow[]> {
    return [...(await this.port.read(statement('test.read', cql), [])).rows];
  }

  /** The event store, with its log. */
  async events(): Promise<CqlEventStore> {
    this.#events ??= await CqlEventStore.open({ port: this.port, clock, entropy, outbox: await this.log() });
    return this.#events;
  }

  feed(options: Partial<CqlChangeFeedOptions> = {}): Promise<CqlChangeFeed> {
    const { port, keyspace } = this;
    return CqlChangeFeed.open({ port, keyspace, dialect: 'cassandra', clock, retentionMs: RETENTION_MS, ...options });
  }

  /** Commits the next `count` events of an aggregate; they are in the log when it resolves. */
  async append(aggregateId: string, count: number, writer?: CqlEventStore): Promise<void> {
    const events = writer ?? (await this.events());
    for (let left = count; left > 0; left -= APPENDED_TOGETHER) {
      const id = uuidV7(clock, entropy);
      const outcome = await events.append({
        aggregateId,
        aggregateType: 'Thing',
        expected: 'any',
        events: Array.from({ length: Math.min(left, APPENDED_TOGETHER) }, () => ({
          eventId: uuidV7(clock, entropy),
          eventType: 'ThingDone',
          eventVersion: 1,
          eventData: '{"done":true}',
          causationId: id,
          correlationId: id,
          userId: null,
          metadata: { commandId: id },
        })),
        now: timestampText(clock.now()),
        command: { key: id, bodyHash: 'none' },
      });
      if (outcome.outcome !== 'appended') throw new Error(`expected an append, found ${outcome.outcome}`);
    }
    while (events.writing!.pendingAppends > 0) await clock.sleep(5);
  }

  async remove(): Promise<void> {
    await this.#events?.close();
    await this.port.write(statement('test.drop', `DROP KEYSPACE ${this.keyspace}`), []);
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
