export { EmbeddedBroker } from './embedded-broker.js';
export { EmbeddedTopicReader } from './embedded-topic-reader.js';
export { PartitionCountChangedError } from './topic-file.js';
export type { TopicFile } from './topic-file.js';
