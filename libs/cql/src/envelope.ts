import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { CqlRow, CqlValue } from './cql-port.js';

/** The columns of the event envelope: those of `event_store` (where the type is static), `outbox_messages` and its change log. */
export const ENVELOPE_COLUMNS = [
  'aggregate_id',
  'sequence_number',
  'aggregate_type',
  'event_id',
  'event_type',
  'event_version',
  'event_data',
  'causation_id',
  'correlation_id',
  'user_id',
  'timestamp',
  'metadata',
  'hash',
] as const;

/**
 * The values of {@link ENVELOPE_COLUMNS}, in that order. An absent user is left unset: a null would be a tombstone, and in a
 * change log a row of its own.
 */
export function envelopeValues(event: StoredEvent): readonly CqlValue[] {
  return [
    event.aggregateId,
    BigInt(event.sequenceNumber),
    event.aggregateType,
    event.eventId,
    event.eventType,
    event.eventVersion,
    event.eventData,
    event.causationId,
    event.correlationId,
    event.userId ?? undefined,
    event.timestamp,
    new Map(Object.entries(event.metadata)),
    Buffer.from(event.hash, 'hex'),
  ];
}

/** The event that a row with {@link ENVELOPE_COLUMNS} holds. */
export function storedEventFromRow(row: CqlRow): StoredEvent {
  return {
    eventId: row.event_id as string,
    aggregateId: row.aggregate_id as string,
    aggregateType: row.aggregate_type as string,
    sequenceNumber: Number(row.sequence_number),
    eventType: row.event_type as string,
    eventVersion: row.event_version as number,
    eventData: row.event_data as string,
    causationId: row.causation_id as string,
    correlationId: row.correlation_id as string,
    userId: row.user_id as string | null,
    timestamp: row.timestamp as string,
    metadata: Object.fromEntries((row.metadata as ReadonlyMap<string, string> | null) ?? []),
    hash: Buffer.from(row.hash as Uint8Array).toString('hex'),
  };
}
