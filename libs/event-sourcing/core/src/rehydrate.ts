import type { Aggregate, DomainEvent } from './aggregate.js';
import type { EventCodec } from './event-codec.js';
import type { EventStore, LoadRange, RememberedCommand, StreamHead } from './event-store.js';
import { isIntact } from './snapshot-seal.js';
import type { Snapshot, SnapshotStore } from './snapshot-store.js';
import type { StoredEvent } from './stored-event.js';

/** The half of an aggregate that makes a state of events. */
export type Folding<State extends { readonly version: number }, Event extends DomainEvent> = Pick<
  Aggregate<State, never, Event, unknown>,
  'aggregateType' | 'snapshotVersion' | 'first' | 'apply' | 'isState'
>;

export interface AggregateLoaderOptions<State extends { readonly version: number }, Event extends DomainEvent> {
  readonly aggregate: Folding<State, Event>;
  readonly codec: EventCodec<Event>;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  /** Events between two snapshots: a shorter stream is not asked for one. Default 1. */
  readonly snapshotEvery?: number;
  /** Told of every snapshot that could not be read or is damaged; the load goes on without it. */
  readonly onSnapshotFailure?: (error: unknown) => void;
}

/** A moment of an aggregate: a stream version, or a time (RFC 3339 UTC text with milliseconds, inclusive). Neither: now. */
export interface Moment {
  readonly version?: number;
  readonly asOf?: string;
}

/** An aggregate as its events tell it. */
export interface Rehydrated<State> {
  readonly state: State;
  readonly version: number;
}

/** What a command is decided against: `state` undefined and `version` 0 where there is no stream yet. */
export interface DecisionBasis<State> {
  readonly state: State | undefined;
  readonly version: number;
  readonly remembered: RememberedCommand | undefined;
}

/** A stream has a gap, or ends before its head: what is stored was damaged. Trying again does not help. */
export class BrokenStreamError extends Error {
  readonly code = 'broken-stream';
  readonly retryable = false;
  constructor(
    readonly aggregateId: string,
    readonly expectedSequence: number,
    readonly foundSequence: number | undefined,
  ) {
    super(
      `aggregate ${aggregateId}: expected sequence ${expectedSequence}, found ${foundSequence ?? 'the end of the stream'}; ` +
        'verify the event store and restore what is missing',
    );
    this.name = 'BrokenStreamError';
  }
}

/**
 * Rebuilds aggregates from their events, beginning with a snapshot where there is a usable one. Always reads the store: a
 * state is never older than an append acknowledged before the call. Errors of the store, the codec and the aggregate pass.
 */
export class AggregateLoader<State extends { readonly version: number }, Event extends DomainEvent> {
  readonly #options: AggregateLoaderOptions<State, Event>;

  constructor(options: AggregateLoaderOptions<State, Event>) {
    this.#options = options;
  }

  /** The aggregate at `moment`; undefined when it does not exist, did not yet, or has not come to that version. */
  async load(aggregateId: string, moment: Moment = {}): Promise<Rehydrated<State> | undefined> {
    const head = await this.#head(aggregateId);
    const version = moment.version ?? head?.version ?? 0;
    if (!head || version < 1 || version > head.version) return undefined;
    const state = await this.#fold(aggregateId, version, moment.asOf);
    return state && { state, version: state.version };
  }

  /** The newest state with, from the same moment, the command remembered under `commandKey`. */
  async loadForDecision(aggregateId: string, commandKey: string): Promise<DecisionBasis<State>> {
    const head = await this.#head(aggregateId, commandKey);
    if (!head) return { state: undefined, version: 0, remembered: undefined };
    const state = await this.#fold(aggregateId, head.version);
    return { state, version: head.version, remembered: head.remembered };
  }

  /** A stream of another type is no stream of this aggregate; an append to it will be a conflict. */
  async #head(aggregateId: string, commandKey?: string): Promise<StreamHead | undefined> {
    const head = await this.#options.store.head(aggregateId, commandKey);
    return head?.aggregateType === this.#options.aggregate.aggregateType ? head : undefined;
  }

  async #fold(aggregateId: string, version: number, asOf?: string): Promise<State | undefined> {
    let state = await this.#newestSnapshot(aggregateId, version, asOf);
    if (state?.version === version) return state;
    const range: LoadRange = { from: (state?.version ?? 0) + 1, to: version, ...(asOf !== undefined && { asOf }) };
    for await (const page of this.#options.store.load(aggregateId, range)) {
      for (const event of page) state = this.#next(state, event);
    }
    const reached = state?.version ?? 0;
    if (asOf === undefined && reached !== version) throw new BrokenStreamError(aggregateId, reached + 1, undefined);
    return state;
  }

  #next(state: State | undefined, stored: StoredEvent): State {
    const expected = (state?.version ?? 0) + 1;
    if (stored.sequenceNumber !== expected) {
      throw new BrokenStreamError(stored.aggregateId, expected, stored.sequenceNumber);
    }
    const { aggregate, codec } = this.#options;
    const event = codec.decode(stored);
    return state ? aggregate.apply(state, event) : aggregate.first(event);
  }

  async #newestSnapshot(aggregateId: string, version: number, asOf?: string): Promise<State | undefined> {
    if (version < (this.#options.snapshotEvery ?? 1)) return undefined;
    try {
      for (const snapshot of await this.#options.snapshots.newest(aggregateId, version)) {
        // `createdAt` is never before the last event that the snapshot folds.
        const state = asOf !== undefined && snapshot.createdAt > asOf ? undefined : this.#stateOf(snapshot);
        if (state) return state;
      }
    } catch (error) {
      this.#options.onSnapshotFailure?.(error);
    }
    return undefined;
  }

  /** The snapshot's state, or undefined when this build cannot use it. */
  #stateOf(snapshot: Snapshot): State | undefined {
    const { aggregate, onSnapshotFailure } = this.#options;
    if (snapshot.aggregateType !== aggregate.aggregateType) return undefined;
    if (snapshot.snapshotVersion !== aggregate.snapshotVersion) return undefined;
    const state = isIntact(snapshot) ? parseJson(snapshot.snapshotData) : undefined;
    if (aggregate.isState(state) && state.version === snapshot.sequenceNumber) return state;
    onSnapshotFailure?.(
      new Error(
        `snapshot of aggregate ${snapshot.aggregateId} at version ${snapshot.sequenceNumber} is damaged: ignored`,
      ),
    );
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
