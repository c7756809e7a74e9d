import type { EventCodec, StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventContracts, type OrderEvent } from '@chronicle/orders-contracts';

/** An event as `GET /v1/orders/{id}/events` answers it, or as it is stored when this build cannot read it. */
export interface ShownEvent extends Omit<StoredEvent, 'eventData'> {
  readonly eventData: unknown;
}

/** The event with its payload upcast. One that cannot be read is shown as it is stored, and `onUnreadable` is told why. */
export function shownEvent(
  stored: StoredEvent,
  codec: EventCodec<OrderEvent>,
  onUnreadable: (reason: string) => void,
): ShownEvent {
  const { eventId, aggregateId, aggregateType, sequenceNumber, eventType } = stored;
  const { causationId, correlationId, userId, timestamp, metadata, hash } = stored;
  const { eventVersion, eventData } = readable(stored, codec, onUnreadable);
  return {
    ...{ eventId, aggregateId, aggregateType, sequenceNumber, eventType, eventVersion, eventData },
    ...{ causationId, correlationId, userId, timestamp, metadata, hash },
  };
}

function readable(stored: StoredEvent, codec: EventCodec<OrderEvent>, onUnreadable: (reason: string) => void) {
  try {
    const { type, data } = codec.decode(stored);
    return { eventVersion: orderEventContracts[type].currentVersion, eventData: data };
  } catch (error) {
    onUnreadable((error as Error).message);
    return { eventVersion: stored.eventVersion, eventData: jsonOrText(stored.eventData) };
  }
}

/** What a text says as JSON; the text itself when it is none. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
