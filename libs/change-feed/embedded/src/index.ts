export { EmbeddedChangeFeed } from './embedded-change-feed.js';
export type { EmbeddedChangeFeedOptions } from './embedded-change-feed.js';
export { EmbeddedConsumerStore } from './embedded-consumer-store.js';
export type { EmbeddedConsumerStoreOptions } from './embedded-consumer-store.js';
export { EmbeddedGroupCoordination } from './embedded-group-coordination.js';
export type { EmbeddedGroupCoordinationOptions } from './embedded-group-coordination.js';
export type { GroupFile } from './group-file.js';
