/**
 * The event envelope as it is stored, one per event, never updated. Every adapter of {@link EventStore}, every change feed
 * and every audit sees exactly these fields.
 */
export interface StoredEvent {
  readonly eventId: string;
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** The stream version: 1, 2, 3 … within the aggregate, without gaps. */
  readonly sequenceNumber: number;
  readonly eventType: string;
  /** Schema version of `eventData`, from 1. */
  readonly eventVersion: number;
  /** The payload's JSON text as it was written: the bytes that the hash covers. Never rewritten; upcasting happens on read. */
  readonly eventData: string;
  /** What directly caused it: the caller's causation id, else the id of the command. */
  readonly causationId: string;
  /** The whole flow that it belongs to. */
  readonly correlationId: string;
  /** Who caused it (a token's subject), null where nobody is known. */
  readonly userId: string | null;
  /** RFC 3339 UTC with milliseconds; never goes back within an aggregate. */
  readonly timestamp: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** SHA-256 in lower-case hex that chains it to its predecessor: see `hash-chain.ts`. */
  readonly hash: string;
}

/** What a writer supplies of an event; the store gives it its place, time and hash. */
export type EventDraft = Omit<StoredEvent, 'aggregateId' | 'aggregateType' | 'sequenceNumber' | 'timestamp' | 'hash'>;
