import type { EventDraft, StoredEvent } from './stored-event.js';

/** The stream version that a writer requires: an exact one, no stream at all, or whatever there is. */
export type ExpectedVersion = number | 'none' | 'any';

/** The most events of one append: an append is one transaction (or one conditional batch), so it is kept small. */
export const APPEND_EVENTS_MAX = 100;
/** The most events of one page of any read. */
export const PAGE_EVENTS_MAX = 1000;
/** Commands of an aggregate whose answers are remembered; older ones but its first are forgotten. */
export const REMEMBERED_COMMANDS_MAX = 1000;
/** How long a command's answer is remembered; that of an aggregate's first command, for ever. */
export const REMEMBER_MS = 24 * 60 * 60 * 1000;

/** The accepted command that an idempotency key stands for, remembered in the same transaction as its events. */
export interface RememberedCommand {
  readonly key: string;
  /** SHA-256 (hex) of the canonical form of the command's body: the same key with another body is a mistake. */
  readonly bodyHash: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

export interface Append {
  readonly aggregateId: string;
  readonly aggregateType: string;
  readonly expected: ExpectedVersion;
  /** 1 to {@link APPEND_EVENTS_MAX}, in order. */
  readonly events: readonly EventDraft[];
  /** The time of the append; the store may give the events a later one (the stream's last). */
  readonly now: string;
  readonly command: { readonly key: string; readonly bodyHash: string };
}

/**
 * What became of an append, as far as the store knows:
 * - `appended`: durable, and in the change log;
 * - `remembered`: the command's key was used before by this aggregate; nothing was appended;
 * - `conflict`: the stream is not at the expected version (or is of another aggregate type); nothing was appended;
 * - `unknown`: the store cannot tell. It may be there already, appear later, or never: repeat with the same key to learn.
 */
export type AppendOutcome =
  | {
      readonly outcome: 'appended';
      readonly firstSequence: number;
      readonly lastSequence: number;
      readonly timestamp: string;
    }
  | { readonly outcome: 'remembered'; readonly command: RememberedCommand }
  | { readonly outcome: 'conflict'; readonly actualVersion: number }
  | { readonly outcome: 'unknown'; readonly cause: unknown };

/** An aggregate's stream at the moment of reading. */
export interface StreamHead {
  readonly aggregateType: string;
  /** Sequence number of the last event, ≥ 1. */
  readonly version: number;
  /** The command remembered under the key that was asked for. */
  readonly remembered: RememberedCommand | undefined;
}

/** Which part of a stream to load; all bounds are inclusive and combine. */
export interface LoadRange {
  readonly from?: number;
  readonly to?: number;
  /** Only the longest prefix whose timestamps are ≤ this time (RFC 3339 UTC text with milliseconds). */
  readonly asOf?: string;
}

/** How far a scan over all events has come. `total` is an estimate, good for an ETA and for nothing else. */
export interface ScanPage {
  readonly events: readonly StoredEvent[];
  readonly scanned: number;
  readonly total: number;
}

/**
 * The event store: streams of events, one per aggregate, that only grow. Every method throws {@link StoreUnavailableError}
 * when the store cannot be reached or used: nothing was appended then, and the caller may try again.
 */
export abstract class EventStore {
  /** Appends atomically: all events, their place in the change log and the remembered command, or nothing. */
  abstract append(append: Append): Promise<AppendOutcome>;

  /** The stream's head, or undefined when there is no such stream. Never older than an append acknowledged before the call. */
  abstract head(aggregateId: string, commandKey?: string): Promise<StreamHead | undefined>;

  /** The stream's events in ascending order, in pages of at most {@link PAGE_EVENTS_MAX}; nothing for an unknown stream. */
  abstract load(aggregateId: string, range?: LoadRange): AsyncIterable<readonly StoredEvent[]>;

  /**
   * Every event committed before the call, for rebuilds and checks: the events of one aggregate follow one another in
   * ascending order, whatever the order of aggregates; a later event may or may not be among them.
   */
  abstract streamAll(filter?: { readonly eventType?: string }): AsyncIterable<ScanPage>;

  /** The events of one flow, by aggregate and ascending within it. */
  abstract byCorrelation(correlationId: string): AsyncIterable<readonly StoredEvent[]>;

  /** Raised by every restore and import: consumers refuse an epoch that is not the one they were built from. */
  abstract epoch(): Promise<number>;

  /** Resolves once every append handed over is decided; then frees what is held. */
  abstract close(): Promise<void>;
}

/** The store cannot be used now; nothing was written. The caller may try again later. */
export class StoreUnavailableError extends Error {
  readonly code = 'store-unavailable';
  readonly retryable = true;
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}
