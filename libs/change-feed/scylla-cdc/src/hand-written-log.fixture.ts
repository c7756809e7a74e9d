import cassandra from 'cassandra-driver';
import { minTimeUuid, type Micros } from './cdc-time.js';
import { streamIdOf } from './fake-scylla.fixture.js';

const GREATEST = 2n ** 63n - 1n;

/** One event, as one log group: `parts` rows. */
export interface HandWritten {
  readonly aggregateId: string;
  readonly sequence: number;
  readonly micros: Micros;
}

/** Keeps a change log in Scylla's form in a keyspace of Cassandra, as nobody but a test would: row by row. */
export class HandWrittenLog {
  readonly #generations: {
    readonly beginMs: number;
    readonly streams: { readonly end: bigint; readonly id: Buffer }[];
  }[] = [];
  readonly #tokens = new Map<string, bigint>();
  #low = 0x8080808080808081n;

  constructor(
    private readonly client: cassandra.Client,
    readonly keyspace: string,
    private readonly topology: 'vnodes' | 'tablets',
  ) {}

  async create(): Promise<void> {
    const { keyspace } = this;
    const run = (cql: string) => this.client.execute(cql);
    await run(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
    await run(`CREATE TABLE ${keyspace}.outbox_messages (aggregate_id uuid, sequence_number bigint, event_type text,
      metadata map<text, text>, PRIMARY KEY (aggregate_id, sequence_number))`);
    await run(`CREATE TABLE ${keyspace}.outbox_messages_scylla_cdc_log ("cdc$stream_id" blob, "cdc$time" timeuuid,
      "cdc$batch_seq_no" int, "cdc$operation" tinyint, "cdc$ttl" bigint, "cdc$end_of_batch" boolean, aggregate_id uuid,
      sequence_number bigint, event_type text, "cdc$deleted_event_type" boolean, metadata frozen<map<text, text>>,
      "cdc$deleted_metadata" boolean, "cdc$deleted_elements_metadata" frozen<set<text>>,
      PRIMARY KEY ("cdc$stream_id", "cdc$time", "cdc$batch_seq_no")) WITH gc_grace_seconds = 0
      AND caching = {'keys': 'NONE', 'rows_per_partition': 'NONE'}
      AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'MINUTES', 'compaction_window_size': 60}`);
    await run(`CREATE TABLE ${keyspace}.scylla_keyspaces (keyspace_name text PRIMARY KEY, initial_tablets int)`);
    await run(`CREATE TABLE ${keyspace}.cdc_generation_timestamps (key text, time timestamp, expired timestamp,
      PRIMARY KEY (key, time)) WITH CLUSTERING ORDER BY (time DESC)`);
    await run(`CREATE TABLE ${keyspace}.cdc_streams_descriptions_v2 (time timestamp, range_end bigint,
      streams frozen<set<blob>>, PRIMARY KEY (time, range_end))`);
    await run(`CREATE TABLE ${keyspace}.cdc_timestamps (keyspace_name text, table_name text, timestamp timestamp,
      PRIMARY KEY ((keyspace_name, table_name), timestamp)) WITH CLUSTERING ORDER BY (timestamp DESC)`);
    await run(`CREATE TABLE ${keyspace}.cdc_streams (keyspace_name text, table_name text, timestamp timestamp,
      stream_state tinyint, stream_id blob, PRIMARY KEY ((keyspace_name, table_name), timestamp, stream_state, stream_id))`);
    if (this.topology === 'tablets')
      await run(`INSERT INTO ${keyspace}.scylla_keyspaces (keyspace_name, initial_tablets) VALUES ('${keyspace}', 0)`);
  }

  /** Publishes a generation: streams first, then its time. */
  async publish(beginMs: number, ranges: number): Promise<void> {
    const tablets = this.topology === 'tablets';
    const streams = Array.from({ length: ranges }, (_, index) => {
      const end = index === ranges - 1 ? GREATEST : -(2n ** 63n) + (2n ** 64n / BigInt(ranges)) * BigInt(index + 1);
      return { end, id: streamIdOf(end, tablets ? 0 : index, BigInt(this.#generations.length + 1)) };
    });
    const begin = new Date(beginMs);
    for (const { end, id } of streams) {
      if (tablets) await this.#insert('cdc_streams', [this.keyspace, 'outbox_messages', begin, 0, id]);
      else await this.#insert('cdc_streams_descriptions_v2', [begin, end, [id]]);
    }
    if (tablets) await this.#insert('cdc_timestamps', [this.keyspace, 'outbox_messages', begin]);
    else await this.#insert('cdc_generation_timestamps', ['timestamps', begin]);
    this.#generations.push({ beginMs, streams });
  }

  /** An INSERT of an event with a TTL and a map: three rows, as Scylla logs it. */
  async write({ aggregateId, sequence, micros }: HandWritten): Promise<void> {
    const stream = await this.#streamOf(aggregateId, micros);
    const time = minTimeUuid(micros);
    time.writeBigUInt64BE((this.#low += 1n), 8);
    const row = (seq: number, cells: Record<string, unknown>) => {
      const all = {
        cdc$stream_id: stream,
        cdc$time: new cassandra.types.TimeUuid(time),
        cdc$batch_seq_no: seq,
        aggregate_id: aggregateId,
        sequence_number: BigInt(sequence),
        ...cells,
      };
      const names = Object.keys(all).map((name) => `"${name}"`);
      return {
        query: `INSERT INTO ${this.keyspace}.outbox_messages_scylla_cdc_log (${names.join()}) VALUES (${names.map(() => '?').join()}) USING TTL 600`,
        params: Object.values(all),
      };
    };
    const rows = [
      row(0, { cdc$operation: 2, cdc$ttl: 600n, event_type: 'OrderCreated' }),
      row(1, { cdc$operation: 1, cdc$deleted_metadata: true }),
      row(2, { cdc$operation: 1, cdc$ttl: 600n, metadata: new Map([['n', String(sequence)]]), cdc$end_of_batch: true }),
    ];
    await this.client.batch(rows, { prepare: true, logged: false });
  }

  /** By the token that the server computes, so that the reader's own is checked. */
  async #streamOf(aggregateId: string, micros: Micros): Promise<Buffer> {
    const token = this.#tokens.get(aggregateId) ?? (await this.#token(aggregateId));
    this.#tokens.set(aggregateId, token);
    const generation = this.#generations.findLast(({ beginMs }) => BigInt(beginMs) * 1000n <= micros);
    const stream = generation?.streams.find(({ end }) => token <= end);
    if (!stream) throw new Error('the log has no stream for this time');
    return stream.id;
  }

  async #token(aggregateId: string): Promise<bigint> {
    const table = `${this.keyspace}.outbox_messages`;
    await this.client.execute(`INSERT INTO ${table} (aggregate_id, sequence_number) VALUES (?, 0)`, [aggregateId], {
      prepare: true,
    });
    const { rows } = await this.client.execute(
      `SELECT token(aggregate_id) AS partition_token FROM ${table} WHERE aggregate_id = ?`,
      [aggregateId],
      { prepare: true },
    );
    return BigInt(String(rows[0]?.partition_token));
  }

  async #insert(table: string, values: unknown[]): Promise<void> {
    const columns: Record<string, string> = {
      cdc_streams: 'keyspace_name, table_name, timestamp, stream_state, stream_id',
      cdc_streams_descriptions_v2: 'time, range_end, streams',
      cdc_timestamps: 'keyspace_name, table_name, timestamp',
      cdc_generation_timestamps: 'key, time',
    };
    const marks = values.map(() => '?').join();
    await this.client.execute(`INSERT INTO ${this.keyspace}.${table} (${columns[table]}) VALUES (${marks})`, values, {
      prepare: true,
    });
  }
}
