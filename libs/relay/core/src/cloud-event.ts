import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Message } from './broker.js';

/** The digits of `ce_sequence`: those of the largest 64-bit integer, zero-padded, so that sequences compare as texts. */
export const SEQUENCE_DIGITS = 19;

/** What a message says beyond its event. */
export interface CloudEventSettings {
  /** The epoch of the event store: raised by a restore, so that readers can tell a new 6 from a lost one. */
  readonly storeEpoch: number;
  /** URI reference that names the aggregates; `ce_source` is this, a slash and the aggregate's id: `/orders`. */
  readonly source: string;
  /** The URI of the JSON Schema that the stored data fits. */
  readonly dataSchema: (event: StoredEvent) => string;
}

/**
 * A stored event as a CloudEvent 1.0 in Kafka's binary mode: the attributes are headers, the value is the stored JSON text,
 * byte for byte and in the schema version it was written in. Keyed by aggregate, so that an aggregate's events stay in order.
 */
export function toCloudEvent(event: StoredEvent, settings: CloudEventSettings): Message {
  const { traceparent } = event.metadata;
  return {
    key: event.aggregateId,
    headers: {
      ce_specversion: '1.0',
      'content-type': 'application/json',
      ce_id: event.eventId,
      ce_type: event.eventType,
      ce_source: `${settings.source}/${event.aggregateId}`,
      ce_subject: event.aggregateId,
      ce_time: event.timestamp,
      ce_sequence: String(event.sequenceNumber).padStart(SEQUENCE_DIGITS, '0'),
      ce_correlationid: event.correlationId,
      ce_causationid: event.causationId,
      ce_dataschema: settings.dataSchema(event),
      ce_storeepoch: String(settings.storeEpoch),
      ...(traceparent !== undefined && { traceparent }),
    },
    value: event.eventData,
  };
}
