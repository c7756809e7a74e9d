export { CQL_EVENT_STORE_DEFAULTS, CqlEventStore } from './cql-event-store.js';
export type { CqlEventStoreOptions, CqlEventStoreSettings } from './cql-event-store.js';
export { CqlSnapshotStore } from './cql-snapshot-store.js';
export type { AppenderSettings, AppenderStatus } from './event-appender.js';
export { scyllaOutbox } from './outbox.js';
export type { OutboxSettings, OutboxWriter } from './outbox.js';
export type { RepairCounts, RepairSettings } from './repair-sweeper.js';
export type { RingScanSettings } from './ring-scan.js';
export type { WriterInstanceSettings } from './writer-instance.js';
