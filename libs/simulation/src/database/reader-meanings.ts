import { BASE_TABLE, ENVELOPE_COLUMNS } from '@chronicle/cql';
import { read, type Meanings, type ReadMoment } from './meaning.js';
import type { FoundRow } from './memory-table.js';
import type { CqlValue } from '@chronicle/cql';

const GROUP = ['cdc$stream_id', 'cdc$time', 'cdc$batch_seq_no', 'cdc$end_of_batch'];
const LOG = [...GROUP, 'cdc$operation', 'cdc$ttl', ...ENVELOPE_COLUMNS];
const LOG_KEYS = [...GROUP, 'aggregate_id'];
const CURRENT = 0;
const TIMESTAMPS = 'timestamps';
const TYPES: Readonly<Record<string, string>> = {
  aggregate_id: 'uuid',
  sequence_number: 'bigint',
  event_id: 'uuid',
  event_version: 'int',
  causation_id: 'uuid',
  correlation_id: 'uuid',
  timestamp: 'timestamp',
  metadata: 'frozen<map<text, text>>',
  hash: 'blob',
};
const KEY: Readonly<Record<string, string>> = { aggregate_id: 'partition_key', sequence_number: 'clustering' };

/** What a reader of the change log asks, `@chronicle/scylla-cdc`, of a log that is kept in a keyspace of one's own. */
export const READER_MEANINGS: Meanings = {
  'cdc.read-log': read((values, moment) => logRows(values, LOG, moment)),
  'cdc.read-log-keys': read((values, moment) => logRows(values, LOG_KEYS, moment)),
  'cdc.base-columns': read(() =>
    [...ENVELOPE_COLUMNS].sort().map((column_name) => ({
      place: column_name,
      row: {
        column_name,
        kind: KEY[column_name] ?? 'regular',
        position: KEY[column_name] === undefined ? -1 : 0,
        type: TYPES[column_name] ?? 'text',
      },
    })),
  ),
  'cdc.node-time': read((_, { coordinator }) => [{ place: '', row: { now: new Date(coordinator.now).toISOString() } }]),
  'cdc.keyspace-tablets': read((_, { tables, now }) => tables.scylla_keyspaces.scan(['initial_tablets'], now)),
  'cdc.vnode-generations': read((_, { tables, now }) =>
    tables.cdc_generation_timestamps.find([TIMESTAMPS], ['time'], now),
  ),
  'cdc.vnode-streams': read(([time], { tables, now }) =>
    tables.cdc_streams_descriptions_v2.find([time], ['range_end', 'streams'], now),
  ),
  'cdc.tablet-generations': read((_, { tables, now }) =>
    tables.cdc_timestamps.scan(['table_name', 'timestamp'], now).flatMap(ofBaseTable(['timestamp'])),
  ),
  'cdc.tablet-streams': read(([time], { tables, now }) =>
    tables.cdc_streams
      .scan(['table_name', 'timestamp', 'stream_state', 'stream_id'], now)
      .filter(({ row }) => row.timestamp === time && row.stream_state === CURRENT)
      .flatMap(ofBaseTable(['stream_id'])),
  ),
};

/** The streams follow each other as on the ring. */
function logRows([ids, from, to]: readonly CqlValue[], columns: readonly string[], { tables, now }: ReadMoment) {
  const log = tables.outbox_messages_scylla_cdc_log;
  return (ids as readonly Uint8Array[])
    .flatMap((id) => log.find([id], columns, now, { from: [from], before: [to] }))
    .sort((left, right) => (left.place < right.place ? -1 : 1));
}

function ofBaseTable(columns: readonly string[]) {
  return ({ place, row }: FoundRow): FoundRow[] =>
    row.table_name === BASE_TABLE
      ? [{ place, row: Object.fromEntries(columns.map((column) => [column, row[column]])) }]
      : [];
}
