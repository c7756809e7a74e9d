import {
  CassandraLog,
  ENVELOPE_COLUMNS,
  LOG_TABLE,
  envelopeValues,
  statement,
  type CqlRow,
  type CqlValue,
  type LogLayout,
} from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { CqlEventStore, scyllaOutbox } from '@chronicle/event-sourcing-cql';
import { AppendFactory } from '@chronicle/event-sourcing-testing';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { CqlChangeFeed, type CqlChangeFeedOptions } from './cql-change-feed.js';

const TABLES_OF_STORE = ['event_store', 'outbox_messages_scylla_cdc_log'];
const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const APPENDED_TOGETHER = 100;
const ASKED_MAX = 10;
/** `cdc$operation` */
const INSERT = 2;

/** A migrated keyspace for the specs of one file, on the Cassandra or ScyllaDB whose address the run's set-up has put into the environment. */
export class CassandraFeed extends TestKeyspace {
  /** Describes what needs it; skipped when there is none. */
  readonly describe = this.cluster.isThere ? describe : describe.skip;
  /** Describes what writes into the change log by hand, which ScyllaDB lets nobody do; skipped there. */
  readonly describeHandWritten = this.dialect === 'cassandra' ? this.describe : describe.skip;
  readonly #make = new AppendFactory(clock);
  #events: CqlEventStore | undefined;
  /** Tells times of one millisecond apart, 100 ns each. */
  #ticks = 0n;

  constructor(environment: NodeJS.ProcessEnv) {
    super(new TestCluster(environment));
  }

  /** Empties the event store and the log: a log that the database writes, by making everything anew. */
  async empty(): Promise<void> {
    if (this.dialect === 'scylla') {
      await this.remove();
      return this.create();
    }
    return this.truncate(TABLES_OF_STORE);
  }

  /** The log that the Cassandra dialect writes. */
  log(layout?: LogLayout): Promise<CassandraLog> {
    return CassandraLog.open({ ...this.options, port: this.port, ...(layout && { layout }) });
  }

  /** Brings an event into the log as if it had been stamped a while ago. Another event of its aggregate is in the log. */
  appearLate(event: StoredEvent, ageMs: number): Promise<void> {
    return this.#writeLogRow(event.aggregateId, INSERT, Date.now() - ageMs, envelopeValues(event));
  }

  /** Writes log groups of one row that do these operations to the first row of an aggregate that is in the log. */
  async writeLogRows(aggregateId: string, operations: readonly number[]): Promise<void> {
    for (const operation of operations) await this.#writeLogRow(aggregateId, operation, Date.now(), [aggregateId, 1n]);
  }

  async #writeLogRow(aggregateId: string, operation: number, ms: number, values: readonly CqlValue[]): Promise<void> {
    const find = `SELECT "cdc$stream_id" AS stream FROM ${LOG_TABLE} WHERE aggregate_id = ? LIMIT 1 ALLOW FILTERING`;
    const row = await this.port.readOne(statement('test.stream', find), [aggregateId]);
    const columns = ['"cdc$stream_id"', '"cdc$time"', '"cdc$batch_seq_no"', '"cdc$operation"', '"cdc$end_of_batch"'];
    const names = [...columns, ...ENVELOPE_COLUMNS.slice(0, values.length)];
    const insert = `INSERT INTO ${LOG_TABLE} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    this.#ticks += 1n;
    const time = timeUuid(BigInt(ms) * 10_000n + this.#ticks);
    await this.port.write(statement('test.log-row', insert), [row!.stream, time, 0, operation, true, ...values]);
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
    if (!this.#events) {
      const outbox = this.dialect === 'scylla' ? scyllaOutbox(this.port) : await this.log();
      this.#events = await CqlEventStore.open({ port: this.port, clock, entropy, outbox });
    }
    return this.#events;
  }

  feed(options: Partial<CqlChangeFeedOptions> = {}): Promise<CqlChangeFeed> {
    const { port, dialect } = this;
    return CqlChangeFeed.open({ ...this.options, port, dialect, retentionMs: RETENTION_MS, ...options });
  }

  /** Commits the next `count` events of an aggregate; they are in the log when it resolves. */
  async append(aggregateId: string, count: number, writer?: CqlEventStore): Promise<void> {
    const events = writer ?? (await this.events());
    for (let left = count; left > 0; left -= APPENDED_TOGETHER) {
      const drafts = Array.from({ length: Math.min(left, APPENDED_TOGETHER) }, () => this.#make.draft());
      const append = this.#make.append(aggregateId, { events: drafts });
      let outcome = await events.append(append);
      // A server under load does not always answer in time: the same command finds out.
      for (let ask = 0; outcome.outcome === 'unknown' && ask < ASKED_MAX; ask += 1)
        outcome = await events.append(append);
      if (outcome.outcome !== 'appended' && outcome.outcome !== 'remembered')
        throw new Error(`expected an append, found ${outcome.outcome}`);
    }
    while (events.writing!.pendingAppends > 0) await clock.sleep(5);
  }

  override async remove(): Promise<void> {
    await this.#events?.close();
    this.#events = undefined;
    await super.remove();
  }
}

/** Version 1 of a time in 100 ns since 1970, as a node of its own would make it. */
function timeUuid(since1970: bigint): Buffer {
  const ticks = since1970 + 122_192_928_000_000_000n;
  const bytes = Buffer.alloc(16, 0x80);
  bytes.writeUInt32BE(Number(ticks & 0xffffffffn), 0);
  bytes.writeUInt16BE(Number((ticks >> 32n) & 0xffffn), 4);
  bytes.writeUInt16BE(Number((ticks >> 48n) | 0x1000n), 6);
  return bytes;
}
