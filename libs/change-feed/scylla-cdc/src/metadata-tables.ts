export interface TableName {
  readonly keyspace: string;
  readonly table: string;
}

/** Where the log generations are kept. */
export interface MetadataTables {
  /** Which keyspaces use tablets: `keyspace_name`, `initial_tablets`. */
  readonly keyspaces: TableName;
  /** Vnodes: when generations begin. `key`, `time`. */
  readonly vnodeGenerations: TableName;
  /** Vnodes: their streams. `time`, `range_end`, `streams`. */
  readonly vnodeStreams: TableName;
  /** Tablets: when the stream sets of a base table begin. `keyspace_name`, `table_name`, `timestamp`. */
  readonly tabletGenerations: TableName;
  /** Tablets: their streams. `keyspace_name`, `table_name`, `timestamp`, `stream_state`, `stream_id`. */
  readonly tabletStreams: TableName;
}

/** The tables of ScyllaDB, from 4.4 (vnodes) and 2025.4 (tablets) on. */
export const SCYLLA_METADATA_TABLES: MetadataTables = {
  keyspaces: { keyspace: 'system_schema', table: 'scylla_keyspaces' },
  vnodeGenerations: { keyspace: 'system_distributed', table: 'cdc_generation_timestamps' },
  vnodeStreams: { keyspace: 'system_distributed', table: 'cdc_streams_descriptions_v2' },
  tabletGenerations: { keyspace: 'system', table: 'cdc_timestamps' },
  tabletStreams: { keyspace: 'system', table: 'cdc_streams' },
};

/** The same tables in one keyspace of one's own, as whoever writes such a log into Cassandra keeps them. */
export function metadataTablesIn(keyspace: string): MetadataTables {
  const tables = Object.entries(SCYLLA_METADATA_TABLES).map(
    ([role, { table }]) => [role, { keyspace, table }] as const,
  );
  return { ...SCYLLA_METADATA_TABLES, ...Object.fromEntries(tables) };
}
