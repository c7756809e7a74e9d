export { openCqlProjectionStore } from './cql-projection-store.js';
export type { CqlProjectionStoreOptions } from './cql-projection-store.js';
export { CqlReadModelReader } from './cql-read-model-reader.js';
export type { CqlReadModelReaderOptions } from './cql-read-model-reader.js';
export { migrateReadModel } from './migrate-read-model.js';
export { openRowWriter } from './open-row-writer.js';
