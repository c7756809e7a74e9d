/** A fact as the domain states it, today's schema version. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/** A fact with its place and time: what folds are made of. */
export type Recorded<Event extends DomainEvent> = Event & {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
  readonly timestamp: string;
};

/** The answer of a pure decision: the events that the command means, or why it is refused (a fact, not an exception). */
export type Decision<Event, Refusal> =
  | { readonly outcome: 'accepted'; readonly events: readonly Event[] }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/**
 * A consistency boundary. Everything here is pure: no clock, no random, no I/O; the same arguments always give the same
 * answer, so a state can be rebuilt from its events at any time.
 */
export interface Aggregate<State extends { readonly version: number }, Command, Event extends DomainEvent, Refusal> {
  readonly aggregateType: string;
  /** Schema version of `State` in snapshots: raise it whenever an older state can no longer be used. */
  readonly snapshotVersion: number;
  /** The state after the first event. Throws when this event cannot come first: the stream is broken. */
  first(event: Recorded<Event>): State;
  /** The state after the next event; `state.version` becomes the event's sequence number. */
  apply(state: State, event: Recorded<Event>): State;
  /** Decides `command` against `state` (undefined: there is no such aggregate). */
  handle(state: State | undefined, command: Command): Decision<Event, Refusal>;
  /** Is `value` (parsed from a snapshot) a state of today's `snapshotVersion`? */
  isState(value: unknown): value is State;
}
