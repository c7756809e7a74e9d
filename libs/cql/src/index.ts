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
export { DriverCqlPort } from './driver-cql-port.js';
export type { CqlConnection } from './driver-cql-port.js';
export { ensureKeyspace } from './keyspace.js';
export type { KeyspaceOptions } from './keyspace.js';
export { MigrationChangedError, migrate } from './migrate.js';
export type { MigrateOptions, Migration, MigrationReport } from './migrate.js';
export { platformMigrations } from './schema.js';
export type { SchemaOptions } from './schema.js';
