import type { ChangeFeed, ConsumerStore } from '@chronicle/change-feed-core';
import type { EventCodec, EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import type { OrderEvent } from '@chronicle/orders-contracts';
import type { OrderProjection } from '@chronicle/orders-read-models';
import type { ReadModelReader } from '@chronicle/projection-core';
import type { Message, TopicReader } from '@chronicle/relay-core';

/** How far the aggregates have come in one consumer group. */
export interface GroupProgress {
  readonly group: string;
  readonly positions: ConsumerStore['positions'];
}

/** One read model and the group that fills it. */
export interface CheckedReadModel {
  readonly projection: OrderProjection;
  readonly reader: ReadModelReader;
  readonly progress: GroupProgress;
}

/** The topic and the group that fills it. */
export interface CheckedTopic {
  readonly name: string;
  readonly reader: TopicReader;
  readonly progress: GroupProgress;
  /** The message that an event becomes. */
  readonly toMessage: (event: StoredEvent) => Message;
}

/** The change log. */
export interface CheckedChangeLog {
  readonly feed: ChangeFeed;
  /** How long an event stays in it, in ms; null: for ever. */
  readonly keptMs: number | null;
}

/** Everything that must agree with the event store, opened for reading. */
export interface CheckedSystem {
  readonly events: EventStore;
  readonly codec: EventCodec<OrderEvent>;
  readonly changeLog: CheckedChangeLog;
  readonly readModels: readonly CheckedReadModel[];
  readonly topic: CheckedTopic;
}
