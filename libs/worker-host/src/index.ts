// The process life and the admin API of a consumer group's app.
export { consumerService, startConsumerService } from './consumer-service.js';
export type { ConsumerHost, ConsumerParts, ConsumerService } from './consumer-service.js';
export type { FeedObserver } from './feed-metrics.js';
