import { hash } from 'node:crypto';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Row, TableDefinition } from '@chronicle/projection-core';
import type { Message } from '@chronicle/relay-core';

/** What a column of digests holds where there is nothing (more) to find. No digest is 0. */
export const NOTHING = 0;

/** 32 bits that stand for an event's whole envelope: a change goes unnoticed once in four thousand million times. */
export function eventDigest(event: StoredEvent): number {
  return digest(Object.values(eventFields(event)));
}

/** 32 bits that stand for a row of `table`. */
export function rowDigest(table: TableDefinition, row: Row): number {
  return digest(Object.keys(table.columns).map((column) => row[column]));
}

/** 32 bits that stand for a message. Headers in another order give other ones, and then an exact look finds no difference. */
export function messageDigest({ key, headers, value }: Message): number {
  return digest([key, { ...headers, ce_storeepoch: undefined }, value]);
}

/** An event's envelope as named fields, always in the same order; metadata as text, with its members sorted. */
export function eventFields(event: StoredEvent): Fields {
  return {
    eventId: event.eventId,
    aggregateId: event.aggregateId,
    aggregateType: event.aggregateType,
    sequenceNumber: event.sequenceNumber,
    eventType: event.eventType,
    eventVersion: event.eventVersion,
    eventData: event.eventData,
    causationId: event.causationId,
    correlationId: event.correlationId,
    userId: event.userId,
    timestamp: event.timestamp,
    metadata: JSON.stringify(Object.entries(event.metadata).sort(byName)),
    hash: event.hash,
  };
}

/**
 * A message as named fields, always in the same order, without `ce_storeepoch`: a message keeps the epoch in which it was
 * published, the store moves on.
 */
export function messageFields({ key, headers, value }: Message): Fields {
  const named = Object.entries(headers).filter(([name]) => name !== 'ce_storeepoch');
  return {
    key,
    ...Object.fromEntries(named.map(([name, text]) => [`headers.${name}`, text] as const).sort(byName)),
    value,
  };
}

/** Values by field name. */
export type Fields = { readonly [field: string]: string | number | null };

function digest(value: unknown): number {
  return hash('sha256', JSON.stringify(value), 'buffer').readUInt32LE() || 1;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
