import type { EventStore } from '@chronicle/event-sourcing-core';
import type { Clock, Entropy } from '@chronicle/seams';
import type { ChangeFeed } from './change-feed.js';
import type { ConsumerHandler } from './consumer-handler.js';
import type { ConsumerStore } from './consumer-store.js';
import type { GroupCoordination } from './group-coordination.js';
import type { WorkerObserver } from './worker-observer.js';
import type { WorkerSettings } from './worker-settings.js';

/** What a {@link ConsumerWorker} is made of. It uses, and does not close, the ports given to it. */
export interface ConsumerWorkerOptions<Effect = never> {
  readonly group: string;
  /** A new one for every process: a UUID v7. */
  readonly instanceId: string;
  readonly feed: ChangeFeed;
  readonly store: ConsumerStore<Effect>;
  /** Where missing events are read from, and those of a parked aggregate. */
  readonly history: EventStore;
  readonly coordination: GroupCoordination;
  readonly handler: ConsumerHandler<Effect>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly settings?: Partial<WorkerSettings>;
  readonly observer?: WorkerObserver;
}
