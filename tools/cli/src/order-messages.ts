import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { toCloudEvent, type Message } from '@chronicle/relay-core';

/** The message that the publisher makes of an event, in an epoch of the event store. */
export function orderMessages(storeEpoch: number): (event: StoredEvent) => Message {
  return (event) =>
    toCloudEvent(event, {
      storeEpoch,
      source: '/orders',
      dataSchema: ({ eventType, eventVersion }) => `/schemas/${eventType}/${eventVersion}`,
    });
}
