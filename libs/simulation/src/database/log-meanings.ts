import { ENVELOPE_COLUMNS, type CqlRow, type CqlValue } from '@chronicle/cql';
import {
  ifColumns,
  ifNotExists,
  put,
  read,
  remove,
  write,
  type Meanings,
  type ReadMoment,
  type WriteMoment,
} from './meaning.js';
import type { FoundRow, Mutation } from './memory-table.js';

const INSERT = 2;
const CURRENT = 0;
const TIMESTAMPS = 'timestamps';
const SCHEMA = 'schema';

/** The change log, as `@chronicle/cql` writes it on Cassandra, and the metadata that its readers need. */
export const LOG_MEANINGS: Meanings = {
  'cassandra-log.insert': write(([stream, ttl, ...envelope], moment) => [
    logRow(stream, moment.coordinator.timeUuid(), { ttl, envelope }, moment),
  ]),
  'cassandra-log.read-tablets': read(([keyspace], { tables, now }) =>
    tables.scylla_keyspaces.find([keyspace], ['initial_tablets'], now),
  ),
  'cassandra-log.write-tablets': write(([keyspace, initial_tablets], moment) => [
    put(moment.tables.scylla_keyspaces, { partition: [keyspace], clustering: [] }, { initial_tablets }, moment),
  ]),
  'cassandra-log.read-vnode-times': read((_, { tables, now }) =>
    tables.cdc_generation_timestamps.find([TIMESTAMPS], ['time'], now).slice(0, 2),
  ),
  'cassandra-log.write-vnode-time': write(([time], moment) => [
    put(moment.tables.cdc_generation_timestamps, { partition: [TIMESTAMPS], clustering: [time] }, {}, moment),
  ]),
  'cassandra-log.read-vnode-streams': read(([time], { tables, now }) =>
    tables.cdc_streams_descriptions_v2.find([time], ['range_end', 'streams'], now),
  ),
  'cassandra-log.write-vnode-streams': write(([time, end, streams], moment) => {
    const key = { partition: [time], clustering: [end] };
    const set = new Set([...(streams as readonly Uint8Array[])].map((id) => Buffer.from(id)).sort(Buffer.compare));
    return [put(moment.tables.cdc_streams_descriptions_v2, key, { streams: set }, moment)];
  }),
  'cassandra-log.read-tablet-times': read(([keyspace, table], { tables, now }) =>
    tables.cdc_timestamps.find([keyspace, table], ['timestamp'], now).slice(0, 2),
  ),
  'cassandra-log.write-tablet-time': write(([keyspace, table, time], moment) => [
    put(moment.tables.cdc_timestamps, { partition: [keyspace, table], clustering: [time] }, {}, moment),
  ]),
  'cassandra-log.read-tablet-streams': read(([keyspace, table, time], moment) =>
    tabletStreams([keyspace, table], time, moment),
  ),
  'cassandra-log.write-tablet-stream': write(([keyspace, table, ...clustering], moment) => [
    put(moment.tables.cdc_streams, { partition: [keyspace, table], clustering }, {}, moment),
  ]),
  'cql.database-time': read((_, { coordinator }) => [coordinatorTime(coordinator.now, 'time')]),

  'schema.create-schema_lock': write(() => []),
  'schema-lock.take': write(
    ([holder], moment) => [put(moment.tables.schema_lock, { partition: [SCHEMA], clustering: [] }, { holder }, moment)],
    (_, moment) => ifNotExists(lockRow(moment, ['name', 'holder'])),
  ),
  'schema-lock.release': write(
    (_, moment) => [remove(moment.tables.schema_lock, [SCHEMA], moment)],
    ([holder], moment) => ifColumns(lockRow(moment, ['holder']), { holder }),
  ),
};

/** A row of the log, alone in its log group. */
export function logRow(
  stream: CqlValue,
  time: Buffer,
  { ttl, envelope }: { readonly ttl: CqlValue; readonly envelope: readonly CqlValue[] },
  moment: WriteMoment,
): Mutation {
  const cells = Object.fromEntries(ENVELOPE_COLUMNS.map((column, index) => [column, envelope[index]]));
  const group = { cdc$operation: INSERT, cdc$ttl: ttl, cdc$end_of_batch: true };
  const key = { partition: [stream], clustering: [time, 0] };
  return put(moment.tables.outbox_messages_scylla_cdc_log, key, { ...group, ...cells }, moment);
}

function tabletStreams(table: readonly CqlValue[], time: CqlValue, { tables, now }: ReadMoment): FoundRow[] {
  return tables.cdc_streams
    .find(table, ['timestamp', 'stream_state', 'stream_id'], now)
    .filter(({ row }) => row.timestamp === time && row.stream_state === CURRENT)
    .map(({ place, row }) => ({ place, row: { stream_id: row.stream_id } }));
}

function coordinatorTime(now: number, column: string): FoundRow {
  return { place: '', row: { [column]: new Date(now).toISOString() } };
}

function lockRow({ tables, now }: ReadMoment, columns: readonly string[]): CqlRow | undefined {
  return tables.schema_lock.find([SCHEMA], columns, now)[0]?.row;
}
