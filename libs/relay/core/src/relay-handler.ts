import type { AggregateRun, ConsumerHandler, HandledRun } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { failpoint } from '@chronicle/seams';
import { MESSAGES_MAX, type Broker, type Message } from './broker.js';

/** What a relay is made of. */
export interface Relay {
  readonly broker: Broker;
  /** Pure: the message that an event becomes, with its aggregate's id as the key. */
  readonly toMessage: (event: StoredEvent) => Message;
}

/**
 * The handler of a publisher's consumer group: it answers a batch when the broker has acknowledged all of it, so that position
 * and checkpoint follow the acknowledgement. Per aggregate, messages go out in order and at least once: a crash between the
 * acknowledgement and the commit publishes them again. It parks nothing: a broker that is away makes it throw
 * `BrokerUnavailableError`, which holds the whole group until the broker is back.
 */
export function relayHandler({ broker, toMessage }: Relay): ConsumerHandler {
  return {
    async handle(runs) {
      const messages = runs.flatMap(({ events }) => events.map(toMessage));
      for (let from = 0; from < messages.length; from += MESSAGES_MAX) {
        await broker.publish(messages.slice(from, from + MESSAGES_MAX));
      }
      await failpoint('publish-after-ack');
      return runs.map(published);
    },
  };
}

function published({ events }: AggregateRun): HandledRun<never> {
  return { handled: events.length, state: null, effects: [] };
}
