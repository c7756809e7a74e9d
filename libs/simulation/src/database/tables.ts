import { ENVELOPE_COLUMNS } from '@chronicle/cql';
import { MemoryTable, type TableShape } from './memory-table.js';

const ofRows = ENVELOPE_COLUMNS.filter(
  (column) => !['aggregate_id', 'sequence_number', 'aggregate_type'].includes(column),
);
const logColumns = ['cdc$operation', 'cdc$ttl', 'cdc$end_of_batch', ...ENVELOPE_COLUMNS];
const streamPartition = { keyspace_name: 'text', table_name: 'text' } as const;

/** The tables of `libs/cql/schema`, by name. */
const SHAPES = {
  event_store: {
    partition: { aggregate_id: 'uuid' },
    clustering: { sequence_number: 'bigint' },
    statics: ['aggregate_type', 'version', 'fence', 'last_hash', 'last_timestamp', 'command_count', 'creation'],
    columns: [...ofRows, 'command'],
  },
  outbox_messages: {
    partition: { aggregate_id: 'uuid' },
    clustering: { sequence_number: 'bigint' },
    columns: ['aggregate_type', ...ofRows],
  },
  append_intents: {
    partition: { instance_id: 'uuid', page: 'int' },
    clustering: { attempt_id: 'uuid' },
    columns: ['aggregate_id', 'version', 'events'],
  },
  instances: {
    partition: { consumer_group: 'text' },
    clustering: { instance_id: 'uuid' },
    columns: ['beat', 'control_revision'],
  },
  outbox_messages_scylla_cdc_log: {
    partition: { cdc$stream_id: 'blob' },
    clustering: { cdc$time: 'timeuuid', cdc$batch_seq_no: 'int' },
    columns: logColumns,
  },
  cdc_generation_timestamps: {
    partition: { key: 'text' },
    clustering: { time: 'timestamp' },
    descending: true,
    columns: ['expired'],
  },
  cdc_streams_descriptions_v2: {
    partition: { time: 'timestamp' },
    clustering: { range_end: 'bigint' },
    columns: ['streams'],
  },
  scylla_keyspaces: { partition: { keyspace_name: 'text' }, columns: ['initial_tablets'] },
  cdc_timestamps: {
    partition: streamPartition,
    clustering: { timestamp: 'timestamp' },
    descending: true,
    columns: [],
  },
  cdc_streams: {
    partition: streamPartition,
    clustering: { timestamp: 'timestamp', stream_state: 'tinyint', stream_id: 'blob' },
    columns: [],
  },
  consumer_buckets: {
    partition: { consumer_group: 'text' },
    clustering: { bucket: 'int' },
    columns: ['owner', 'epoch', 'handoff_to'],
  },
  consumer_checkpoints: {
    partition: { consumer_group: 'text' },
    clustering: { bucket: 'int' },
    columns: ['checkpoint'],
  },
  projection_state: {
    partition: { consumer_group: 'text', projection_version: 'int', aggregate_id: 'uuid' },
    columns: ['sequence', 'state', 'parked'],
  },
  parked_aggregates: {
    partition: { consumer_group: 'text', projection_version: 'int' },
    clustering: { aggregate_id: 'uuid' },
    columns: ['parked'],
  },
  projection_versions: {
    partition: { consumer_group: 'text' },
    clustering: { projection_version: 'int' },
    columns: ['definition_hash', 'table_name', 'revision'],
  },
  group_control: { partition: { consumer_group: 'text' }, columns: ['paused', 'revision'] },
  admin_actions: {
    partition: { consumer_group: 'text' },
    clustering: { action_id: 'uuid' },
    columns: ['action', 'result'],
  },
  // Of the projection that is played.
  things_v1: { partition: { shelf: 'text' }, clustering: { thing_id: 'text' }, columns: ['row_json'] },
  schema_lock: { partition: { name: 'text' }, columns: ['holder'] },
} as const satisfies Readonly<Record<string, TableShape>>;

export type TableNamed = keyof typeof SHAPES;
export type Tables = Readonly<Record<TableNamed, MemoryTable>>;

/** All tables, empty. */
export function emptyTables(): Tables {
  const tables = Object.entries(SHAPES).map(([name, shape]) => [name, new MemoryTable(shape)]);
  return Object.fromEntries(tables) as Tables;
}
