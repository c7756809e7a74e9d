export { atOnce } from './at-once.js';
export { CassandraLog } from './cassandra-log/cassandra-log.js';
export type { CassandraLogOptions } from './cassandra-log/cassandra-log.js';
export { BASE_TABLE, LOG_TABLE } from './cassandra-log/generation-tables.js';
export { LOG_RANGES_MAX } from './cassandra-log/log-generation.js';
export type { LogLayout, LogStyle } from './cassandra-log/log-generation.js';
export { TOKEN_MAX, TOKEN_MIN, murmur3Token } from '@chronicle/scylla-cdc';
export { cut } from './cut.js';
export { CqlRefusedError, CqlUnknownOutcomeError, classifyCqlError } from './cql-error.js';
export type { RequestKind } from './cql-error.js';
export { CqlPort, PAGE_ROWS_MAX, statement } from './cql-port.js';
export type {
  BoundStatement,
  ConditionalResult,
  CqlPage,
  CqlRow,
  CqlValue,
  ReadOptions,
  Statement,
} from './cql-port.js';
export { databaseTime } from './database-time.js';
export { DriverCqlPort } from './driver-cql-port.js';
export type { CqlConnection } from './driver-cql-port.js';
export { ENVELOPE_COLUMNS, envelopeValues, storedEventFromRow } from './envelope.js';
export { ensureKeyspace } from './keyspace.js';
export type { KeyspaceOptions } from './keyspace.js';
export { MigrationChangedError, migrate } from './migrate.js';
export type { MigrateOptions, Migration, MigrationReport } from './migrate.js';
export { ringSlices } from './ring-slices.js';
export type { RingSlice } from './ring-slices.js';
export { SchemaLockedError } from './schema-lock.js';
export type { SchemaLockOptions } from './schema-lock.js';
export { platformMigrations } from './schema.js';
export type { SchemaOptions } from './schema.js';
