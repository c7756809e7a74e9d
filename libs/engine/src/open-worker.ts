import type { ChangeFeed, ConsumerHandler, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import type { DomainEvent, EventCodec, EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { projectionHandler, type Projection, type RowChange } from '@chronicle/projection-core';
import { relayHandler, toCloudEvent, type CloudEventSettings } from '@chronicle/relay-core';
import type { EngineConfig, EngineSurroundings } from './engine-config.js';
import { openParts } from './open-engine.js';
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

/** Opens the parts of the worker that fills a projection's table. Throws what `openEngine` and its `projectionStore` throw. */
export async function openProjectionWorker<State, Event extends DomainEvent>(
  config: EngineConfig,
  projection: Projection<State, Event>,
  codec: EventCodec<Event>,
  surroundings: EngineSurroundings,
): Promise<WorkerParts<RowChange>> {
  return openParts(config, surroundings, async (engine) => ({
    feed: await engine.changeFeed(),
    history: await engine.eventStore('read'),
    coordination: await engine.groupCoordination(projection),
    store: await engine.projectionStore(projection),
    handler: projectionHandler(projection, codec),
    close: () => engine.close(),
  }));
}

/** A consumer group that publishes every event to one topic. */
export interface RelayDefinition extends Omit<CloudEventSettings, 'storeEpoch'> {
  readonly group: string;
  readonly topic: string;
}

/** Opens the parts of the worker that publishes events. Throws what `openEngine` and `openBroker` throw. */
export async function openRelayWorker(
  config: EngineConfig,
  { group, topic, ...settings }: RelayDefinition,
  surroundings: EngineSurroundings,
): Promise<WorkerParts<never>> {
  return openParts(config, surroundings, async (engine) => {
    const history = await engine.eventStore('read');
    const storeEpoch = await history.epoch();
    const toMessage = (event: StoredEvent) => toCloudEvent(event, { ...settings, storeEpoch });
    const parts = {
      feed: await engine.changeFeed(),
      history,
      coordination: await engine.groupCoordination({ group }),
      store: await engine.consumerStore({ group }),
    };
    const broker = await openBroker(config, topic);
    const close = () => broker.close().finally(() => engine.close());
    return { ...parts, handler: relayHandler({ broker, toMessage }), close };
  });
}
