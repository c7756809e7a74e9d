export { EngineUnavailableError, embeddedDataDir } from './engine-config.js';
export type { EngineConfig } from './engine-config.js';
export { openChangeFeed, openConsumerStore, openGroupCoordination } from './open-consumer-group.js';
export type { ConsumerGroup } from './open-consumer-group.js';
export { openEventStore, openSnapshotStore } from './open-event-store.js';
export { openProjectionStore, openReadModel } from './open-projection.js';
export { openBroker, openTopicReader } from './open-topic.js';
export { openProjectionWorker, openRelayWorker } from './open-worker.js';
export type { RelayDefinition, WorkerParts } from './open-worker.js';
