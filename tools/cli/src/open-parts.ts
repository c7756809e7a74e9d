import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeFeed, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import {
  openChangeFeed,
  openConsumerStore,
  openEventStore,
  openGroupCoordination,
  openReadModel,
  openSnapshotStore,
  openTopicReader,
  type ConsumerGroup,
} from '@chronicle/engine';
import type { EventStore, SnapshotStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventCodec } from '@chronicle/orders-application';
import { orderProjections } from '@chronicle/orders-read-models';
import { toCloudEvent, type TopicReader } from '@chronicle/relay-core';
import { systemClock } from '@chronicle/seams';
import { CouldNotError } from './command.js';
import { ORDER_RELAY } from './groups.js';
import type { SystemLocation } from './system-location.js';
import type { CheckedSystem } from './verification/checked-system.js';

interface Closable {
  close(): Promise<void>;
}

/** What was opened so far, to be closed in the end. */
class OpenParts {
  private readonly parts: Closable[] = [];

  async open<Part extends Closable>(opening: Promise<Part> | Part): Promise<Part> {
    const part = await opening;
    this.parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.parts.reverse()) await part.close();
  }
}

async function withParts<T>(work: (parts: OpenParts) => Promise<T>): Promise<T> {
  const parts = new OpenParts();
  try {
    return await work(parts);
  } finally {
    await parts.close();
  }
}

/** Lends the event store, which refuses appends, and the snapshots. */
export function withEventStore<T>(
  location: SystemLocation,
  work: (store: EventStore, snapshots: SnapshotStore) => Promise<T>,
): Promise<T> {
  return withParts(async (parts) => {
    const store = await parts.open(openEventStore(location, 'read', systemClock));
    return work(store, await parts.open(openSnapshotStore(location)));
  });
}

/** Lends the snapshots alone. */
export function withSnapshots<T>(location: SystemLocation, work: (snapshots: SnapshotStore) => Promise<T>): Promise<T> {
  return withParts(async (parts) => work(await parts.open(openSnapshotStore(location))));
}

/** Lends the change log. */
export function withChangeFeed<T>(location: SystemLocation, work: (feed: ChangeFeed) => Promise<T>): Promise<T> {
  return withParts(async (parts) => work(await parts.open(openChangeFeed(location, systemClock))));
}

/** Lends the topic. */
export function withTopic<T>(location: SystemLocation, work: (topic: TopicReader) => Promise<T>): Promise<T> {
  return withParts(async (parts) => work(await parts.open(openTopicReader(location, ORDER_RELAY.topic))));
}

/** The memory of a consumer group and its coordination. */
export interface OpenGroup {
  readonly store: ConsumerStore;
  readonly coordination: GroupCoordination;
}

/** Lends a consumer group; undefined when no worker of it has ever run here, for opening it would make its files. */
export async function withGroup<T>(
  location: SystemLocation,
  group: ConsumerGroup,
  work: (open: OpenGroup) => Promise<T>,
): Promise<T | undefined> {
  if (!hasRun(location, group)) return undefined;
  return withParts(async (parts) => {
    const store = await parts.open(openConsumerStore(location, group));
    return work({ store, coordination: await parts.open(openGroupCoordination(location, group, systemClock)) });
  });
}

/** Lends everything that `verifySystem` compares. Throws {@link CouldNotError} when a consumer group has never run here. */
export function withCheckedSystem<T>(
  location: SystemLocation,
  work: (system: CheckedSystem) => Promise<T>,
): Promise<T> {
  return withParts(async (parts) => {
    const progress = async (group: ConsumerGroup) => {
      if (!hasRun(location, group)) {
        throw new CouldNotError(
          `consumer group ${group.group} has never run on ${location.dataDir}: there is nothing to check yet`,
        );
      }
      const store = await parts.open(openConsumerStore(location, group));
      return { group: group.group, positions: (aggregateIds: readonly string[]) => store.positions(aggregateIds) };
    };
    const readModels = [];
    for (const projection of orderProjections) {
      const reader = await parts.open(openReadModel(location, projection));
      readModels.push({ projection, reader, progress: await progress(projection) });
    }
    const events = await parts.open(openEventStore(location, 'read', systemClock));
    const settings = { ...ORDER_RELAY, storeEpoch: await events.epoch() };
    const topic = {
      name: ORDER_RELAY.topic,
      reader: await parts.open(openTopicReader(location, ORDER_RELAY.topic)),
      progress: await progress(ORDER_RELAY),
      toMessage: (event: StoredEvent) => toCloudEvent(event, settings),
    };
    const changeLog = await parts.open(openChangeFeed(location, systemClock));
    return work({ events, codec: orderEventCodec, changeLog, readModels, topic });
  });
}

/** The embedded engine keeps a file per consumer group, made by its first worker. */
function hasRun({ dataDir }: SystemLocation, { group }: ConsumerGroup): boolean {
  return existsSync(join(dataDir, `${group}.db`));
}
