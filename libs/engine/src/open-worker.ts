import type { ChangeFeed, ConsumerHandler, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import type { DomainEvent, EventCodec, EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { projectionHandler, type Projection, type RowChange } from '@chronicle/projection-core';
import { relayHandler, toCloudEvent, type CloudEventSettings } from '@chronicle/relay-core';
import type { Clock } from '@chronicle/seams';
import type { EngineConfig } from './engine-config.js';
import { openChangeFeed, openConsumerStore, openGroupCoordination } from './open-consumer-group.js';
import { openEventStore } from './open-event-store.js';
import { openProjectionStore } from './open-projection.js';
import { openBroker } from './open-topic.js';

/** All that the worker of a consumer group is made of, opened. */
export interface WorkerParts<Effect> {
  readonly feed: ChangeFeed;
  readonly history: EventStore;
  readonly coordination: GroupCoordination;
  readonly store: ConsumerStore<Effect>;
  readonly handler: ConsumerHandler<Effect>;
  /** Closes everything again; to be called once the worker has ended. */
  close(): Promise<void>;
}

/** Opens the parts of the worker that fills a projection's table. Throws what `openProjectionStore` throws. */
export async function openProjectionWorker<State, Event extends DomainEvent>(
  config: EngineConfig,
  projection: Projection<State, Event>,
  codec: EventCodec<Event>,
  clock: Clock,
): Promise<WorkerParts<RowChange>> {
  const { ports, close } = await openAll({
    feed: () => openChangeFeed(config, clock),
    history: () => openEventStore(config, 'read', clock),
    coordination: () => openGroupCoordination(config, projection, clock),
    store: () => openProjectionStore(config, projection),
  });
  return { ...ports, handler: projectionHandler(projection, codec), close };
}

/** A consumer group that publishes every event to one topic. */
export interface RelayDefinition extends Omit<CloudEventSettings, 'storeEpoch'> {
  readonly group: string;
  readonly topic: string;
}

/** Opens the parts of the worker that publishes events. Throws what `openBroker` throws. */
export async function openRelayWorker(
  config: EngineConfig,
  { group, topic, ...settings }: RelayDefinition,
  clock: Clock,
): Promise<WorkerParts<never>> {
  const { ports, close } = await openAll({
    feed: () => openChangeFeed(config, clock),
    history: () => openEventStore(config, 'read', clock),
    coordination: () => openGroupCoordination(config, { group }, clock),
    store: () => openConsumerStore(config, { group }),
    broker: () => openBroker(config, topic),
  });
  const { broker, ...parts } = ports;
  const storeEpoch = await parts.history.epoch();
  const toMessage = (event: StoredEvent) => toCloudEvent(event, { ...settings, storeEpoch });
  return { ...parts, handler: relayHandler({ broker, toMessage }), close };
}

type Closable = { close(): Promise<void> };
type Opened<Openers> = { [Name in keyof Openers]: Openers[Name] extends () => Promise<infer Port> ? Port : never };

/** Opens ports one after another; when one cannot be opened, closes those before it. */
async function openAll<Openers extends { readonly [name: string]: () => Promise<Closable> }>(openers: Openers) {
  const opened: [string, Closable][] = [];
  const close = async () => {
    for (const [, port] of opened.toReversed()) await port.close();
  };
  try {
    for (const [name, open] of Object.entries(openers)) opened.push([name, await open()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { ports: Object.fromEntries(opened) as Opened<Openers>, close };
}
