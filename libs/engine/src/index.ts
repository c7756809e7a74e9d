export { embeddedDataDir } from './engine-config.js';
export type { EngineConfig } from './engine-config.js';
export { openEventStore, openSnapshotStore } from './open-event-store.js';
