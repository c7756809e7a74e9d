import { statement, type CqlPort, type CqlRow } from '../cql-port.js';
import { databaseTime } from '../database-time.js';
import { generationOfTablets, generationOfVnodes, type LogGeneration, type LogStyle } from './log-generation.js';

/** The table whose log is written, and the one that holds it. */
export const BASE_TABLE = 'outbox_messages';
export const LOG_TABLE = `${BASE_TABLE}_scylla_cdc_log`;

/** States of a stream in `cdc_streams`: there at that time; no longer there; there for the first time. */
const CURRENT = 0;
const CLOSED = 1;
const OPENED = 2;
/** Rows of one batch of `cdc_streams_descriptions_v2` or `cdc_streams`, all of one partition. */
const ROWS_TOGETHER_MAX = 100;

const readTablets = statement(
  'cassandra-log.read-tablets',
  'SELECT initial_tablets FROM scylla_keyspaces WHERE keyspace_name = ?',
);
const writeTablets = statement(
  'cassandra-log.write-tablets',
  'INSERT INTO scylla_keyspaces (keyspace_name, initial_tablets) VALUES (?, ?)',
);
const readVnodeTimes = statement(
  'cassandra-log.read-vnode-times',
  `SELECT time FROM cdc_generation_timestamps WHERE key = 'timestamps' LIMIT 2`,
);
const writeVnodeTime = statement(
  'cassandra-log.write-vnode-time',
  `INSERT INTO cdc_generation_timestamps (key, time) VALUES ('timestamps', ?)`,
);
const readVnodeStreams = statement(
  'cassandra-log.read-vnode-streams',
  'SELECT range_end, streams FROM cdc_streams_descriptions_v2 WHERE time = ?',
);
const writeVnodeStreams = statement(
  'cassandra-log.write-vnode-streams',
  'INSERT INTO cdc_streams_descriptions_v2 (time, range_end, streams) VALUES (?, ?, ?)',
);
const readTabletTimes = statement(
  'cassandra-log.read-tablet-times',
  'SELECT timestamp FROM cdc_timestamps WHERE keyspace_name = ? AND table_name = ? LIMIT 2',
);
const writeTabletTime = statement(
  'cassandra-log.write-tablet-time',
  'INSERT INTO cdc_timestamps (keyspace_name, table_name, timestamp) VALUES (?, ?, ?)',
);
const readTabletStreams = statement(
  'cassandra-log.read-tablet-streams',
  `SELECT stream_id FROM cdc_streams WHERE keyspace_name = ? AND table_name = ? AND timestamp = ? AND stream_state = ${CURRENT}`,
);
const writeTabletStream = statement(
  'cassandra-log.write-tablet-stream',
  'INSERT INTO cdc_streams (keyspace_name, table_name, timestamp, stream_state, stream_id) VALUES (?, ?, ?, ?, ?)',
);

/** The generations of a change log as they are kept in tables of ScyllaDB's form, in the log's own keyspace. */
export class GenerationTables {
  readonly #port: CqlPort;
  readonly #keyspace: string;

  constructor(port: CqlPort, keyspace: string) {
    this.#port = port;
    this.#keyspace = keyspace;
  }

  /** The style chosen with the first generation. 0 tablets count as tablets: the row's being there tells. */
  async style(): Promise<LogStyle> {
    const row = await this.#port.readOne(readTablets, [this.#keyspace]);
    return row !== undefined && row.initial_tablets !== null ? 'tablets' : 'vnodes';
  }

  /** When the newest two generations begin, newest first; the newest may not have begun. */
  async times(style: LogStyle): Promise<readonly number[]> {
    const [read, values, column] =
      style === 'vnodes'
        ? ([readVnodeTimes, [], 'time'] as const)
        : ([readTabletTimes, [this.#keyspace, BASE_TABLE], 'timestamp'] as const);
    const { rows } = await this.#port.read(read, values);
    return rows.map((row) => Date.parse(row[column] as string));
  }

  async generation(style: LogStyle, since: number): Promise<LogGeneration> {
    const time = new Date(since).toISOString();
    if (style === 'vnodes') {
      const rows = await this.#all(readVnodeStreams, [time]);
      return generationOfVnodes(since, rows.map(rangeOf));
    }
    const rows = await this.#all(readTabletStreams, [this.#keyspace, BASE_TABLE, time]);
    return generationOfTablets(
      since,
      rows.map((row) => row.stream_id as Uint8Array),
    );
  }

  /** Announces a generation: its streams first and its time last, so that nobody sees the one without the others. */
  async announce(style: LogStyle, next: LogGeneration, previous: LogGeneration | undefined): Promise<void> {
    const time = new Date(next.since).toISOString();
    if (style === 'vnodes') {
      const rows = next.ranges.map(({ end, streams }) => ({
        statement: writeVnodeStreams,
        values: [time, end, streams],
      }));
      await this.#writeAll(rows);
      return this.#port.write(writeVnodeTime, [time]);
    }
    const row = (state: number) => (stream: Buffer) => ({
      statement: writeTabletStream,
      values: [this.#keyspace, BASE_TABLE, time, state, stream],
    });
    await this.#port.write(writeTablets, [this.#keyspace, next.ranges.length]);
    await this.#writeAll([
      ...streamsOf(next).map(row(CURRENT)),
      ...(previous ? [...streamsOf(previous).map(row(CLOSED)), ...streamsOf(next).map(row(OPENED))] : []),
    ]);
    return this.#port.write(writeTabletTime, [this.#keyspace, BASE_TABLE, time]);
  }

  /** ms since 1970, as the node asked has it. */
  databaseTime(): Promise<number> {
    return databaseTime(this.#port);
  }

  async #all(...[read, values]: Parameters<CqlPort['pages']>): Promise<CqlRow[]> {
    const all: CqlRow[] = [];
    for await (const rows of this.#port.pages(read, values)) all.push(...rows);
    return all;
  }

  async #writeAll(writes: Parameters<CqlPort['writeTogether']>[0]): Promise<void> {
    for (let at = 0; at < writes.length; at += ROWS_TOGETHER_MAX) {
      await this.#port.writeTogether(writes.slice(at, at + ROWS_TOGETHER_MAX));
    }
  }
}

function streamsOf({ ranges }: LogGeneration): Buffer[] {
  return ranges.flatMap(({ streams }) => streams);
}

function rangeOf(row: CqlRow): { end: bigint; streams: Uint8Array[] } {
  return {
    end: row.range_end as bigint,
    streams: [...(row.streams as ReadonlySet<Uint8Array>)],
  };
}
