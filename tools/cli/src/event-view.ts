import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { eventEnvelope, orderEventCodec, orderEventView } from '@chronicle/orders-application';

/** An event as `GET /v1/orders/{id}/events` answers it, or as it is stored when this build cannot read it. */
export interface ShownEvent extends Omit<StoredEvent, 'eventData'> {
  readonly eventData: unknown;
}

/** The event with its payload upcast. One that cannot be read is shown as it is stored, and `onUnreadable` is told why. */
export function shownEvent(stored: StoredEvent, onUnreadable: (reason: string) => void): ShownEvent {
  try {
    return orderEventView(stored, orderEventCodec);
  } catch (error) {
    onUnreadable((error as Error).message);
    return { ...eventEnvelope(stored), eventData: jsonOrText(stored.eventData) };
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
