import type { ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { openTopicReader, withEngine, type ConsumerGroup, type Engine } from '@chronicle/engine';
import type { EventStore, SnapshotStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventCodec } from '@chronicle/orders-application';
import { orderProjections } from '@chronicle/orders-read-models';
import { toCloudEvent, type TopicReader } from '@chronicle/relay-core';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { CouldNotError } from './command.js';
import { ORDER_RELAY } from './groups.js';
import { requireStored, type SystemLocation } from './system-location.js';
import type { CheckedSystem } from './verification/checked-system.js';

/** Lends the engine. Throws {@link CouldNotError} when nothing is stored there, and what `openEngine` throws. */
export async function withStored<T>(location: SystemLocation, work: (engine: Engine) => Promise<T>): Promise<T> {
  requireStored(location);
  return withEngine(location, { clock, entropy }, work);
}

/** Lends the event store, which refuses appends, and the snapshots. */
export function withEventStore<T>(
  location: SystemLocation,
  work: (store: EventStore, snapshots: SnapshotStore) => Promise<T>,
): Promise<T> {
  return withStored(location, async (engine) => work(await engine.eventStore('read'), await engine.snapshotStore()));
}

/** Lends the snapshots alone. */
export function withSnapshots<T>(location: SystemLocation, work: (snapshots: SnapshotStore) => Promise<T>): Promise<T> {
  return withStored(location, async (engine) => work(await engine.snapshotStore()));
}

/** Lends the topic. */
export async function withTopic<T>(location: SystemLocation, work: (topic: TopicReader) => Promise<T>): Promise<T> {
  requireStored(location);
  const topic = await openTopicReader(location, ORDER_RELAY.topic);
  try {
    return await work(topic);
  } finally {
    await topic.close();
  }
}

/** The memory of a consumer group and its coordination. */
export interface OpenGroup {
  readonly store: ConsumerStore;
  readonly coordination: GroupCoordination;
}

/** Opens a consumer group; undefined when no worker of it has ever run here. */
export async function openGroup(engine: Engine, group: ConsumerGroup): Promise<OpenGroup | undefined> {
  if (!(await engine.hasRun(group))) return undefined;
  return { store: await engine.consumerStore(group), coordination: await engine.groupCoordination(group) };
}

/** Lends everything that `verifySystem` compares. Throws {@link CouldNotError} when a consumer group has never run here. */
export function withCheckedSystem<T>(
  location: SystemLocation,
  work: (system: CheckedSystem) => Promise<T>,
): Promise<T> {
  return withTopic(location, (topic) =>
    withStored(location, async (engine) => work(await checkedSystem(engine, topic))),
  );
}

async function checkedSystem(engine: Engine, topic: TopicReader): Promise<CheckedSystem> {
  const progress = async (group: ConsumerGroup) => {
    if (!(await engine.hasRun(group))) {
      throw new CouldNotError(`consumer group ${group.group} has never run here: there is nothing to check yet`);
    }
    const store = await engine.consumerStore(group);
    return { group: group.group, positions: (aggregateIds: readonly string[]) => store.positions(aggregateIds) };
  };
  const readModels = [];
  for (const projection of orderProjections) {
    const reader = await engine.readModel(projection);
    readModels.push({ projection, reader, progress: await progress(projection) });
  }
  const events = await engine.eventStore('read');
  const settings = { ...ORDER_RELAY, storeEpoch: await events.epoch() };
  return {
    events,
    codec: orderEventCodec,
    changeLog: { feed: await engine.changeFeed(), keptMs: engine.changeLogRetentionMs },
    readModels,
    topic: {
      name: ORDER_RELAY.topic,
      reader: topic,
      progress: await progress(ORDER_RELAY),
      toMessage: (event: StoredEvent) => toCloudEvent(event, settings),
    },
  };
}
