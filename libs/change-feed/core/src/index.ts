export { ChangeFeed, FEED_EVENTS_MAX, FeedReader } from './change-feed.js';
export type { FeedLag, FeedSlice } from './change-feed.js';
export type { AggregateRun, ConsumerHandler, HandledRun } from './consumer-handler.js';
export { BucketLostError, ConsumerStore, PARKED_LISTED_MAX } from './consumer-store.js';
export type { Advance, Checkpoint, ParkedAggregate, Parking, Position } from './consumer-store.js';
export { ConsumerWorker } from './consumer-worker.js';
export { GroupCoordination } from './group-coordination.js';
export type {
  ActionResult,
  AdminAction,
  BucketClaim,
  BucketRow,
  GroupControl,
  Instance,
  SeenInstance,
} from './group-coordination.js';
export { GroupNotAnsweringError } from './group-not-answering-error.js';
export { InMemoryChangeFeed } from './in-memory-change-feed.js';
export { InMemoryConsumerStore } from './in-memory-consumer-store.js';
export { InMemoryGroupCoordination } from './in-memory-group-coordination.js';
export type { ConsumerWorkerOptions } from './worker-options.js';
export type { PartHealth, WorkerObserver, WorkerPart } from './worker-observer.js';
export { WORKER_SETTINGS, workerSettings } from './worker-settings.js';
export type { WorkerSettings } from './worker-settings.js';
export type { GroupStatus } from './worker-status.js';
