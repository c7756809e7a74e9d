import { createHash } from 'node:crypto';
import type { EventDraft, StoredEvent } from './stored-event.js';

/** What the first event of an aggregate is chained to: 32 zero bytes. */
export const GENESIS_HASH = '0'.repeat(64);

/** The end of an aggregate's stream, as far as the next event depends on it. */
export interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly timestamp: string;
}

/** The end of a stream that has no events yet. */
export const EMPTY_STREAM: StreamEnd = { version: 0, hash: GENESIS_HASH, timestamp: '' };

/**
 * Turns drafts into the stored events that follow `end`: gives each its sequence number, the time `now` (or its
 * predecessor's, if a clock stepped back, so that time never goes back within an aggregate) and its hash.
 */
export function sealEvents(
  stream: { readonly aggregateId: string; readonly aggregateType: string },
  end: StreamEnd,
  drafts: readonly EventDraft[],
  now: string,
): StoredEvent[] {
  const timestamp = end.timestamp > now ? end.timestamp : now;
  let previousHash = end.hash;
  return drafts.map((draft, index) => {
    const event = { ...draft, ...stream, sequenceNumber: end.version + index + 1, timestamp };
    previousHash = eventHash(previousHash, event);
    return { ...event, hash: previousHash };
  });
}

/**
 * SHA-256 over the 32 bytes of the previous event's hash followed by the RFC 8785 (canonical JSON) form, in UTF-8, of every
 * other column of the envelope as stored. The members carry the column names, so the hash can be recomputed from a table
 * dump alone; `event_data` goes in as its stored text.
 */
export function eventHash(previousHash: string, event: Omit<StoredEvent, 'hash'>): string {
  // RFC 8785 is JSON.stringify with members sorted by name: the literal below is sorted, and metadata is sorted here.
  const canonical = JSON.stringify({
    aggregate_id: event.aggregateId,
    aggregate_type: event.aggregateType,
    causation_id: event.causationId,
    correlation_id: event.correlationId,
    event_data: event.eventData,
    event_id: event.eventId,
    event_type: event.eventType,
    event_version: event.eventVersion,
    metadata: sortedMembers(event.metadata),
    sequence_number: event.sequenceNumber,
    timestamp: event.timestamp,
    user_id: event.userId,
  });
  return createHash('sha256').update(previousHash, 'hex').update(canonical, 'utf8').digest('hex');
}

/** The first event that does not follow from the one before it (bad hash, sequence or time), or undefined when all do. */
export interface ChainBreak {
  readonly sequenceNumber: number;
  readonly reason: string;
}

/** Checks `event` against the end of the stream before it; returns the new end, or where and why the chain breaks. */
export function followChain(end: StreamEnd, event: StoredEvent): StreamEnd | ChainBreak {
  const broken = (reason: string): ChainBreak => ({ sequenceNumber: event.sequenceNumber, reason });
  if (event.sequenceNumber !== end.version + 1)
    return broken(`expected sequence ${end.version + 1}, found ${event.sequenceNumber}`);
  if (event.timestamp < end.timestamp)
    return broken(`its timestamp ${event.timestamp} is before its predecessor's ${end.timestamp}`);
  const expected = eventHash(end.hash, event);
  if (event.hash !== expected)
    return broken(`its hash is ${event.hash}, but its columns and its predecessor give ${expected}`);
  return { version: event.sequenceNumber, hash: event.hash, timestamp: event.timestamp };
}

function sortedMembers(members: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(members);
  return names.length < 2 ? members : Object.fromEntries(names.sort().map((name) => [name, members[name]!]));
}
