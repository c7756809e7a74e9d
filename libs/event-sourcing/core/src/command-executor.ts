import { failpoint, timestampText, uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import { AggregateLanes } from './aggregate-lanes.js';
import type { Aggregate, DomainEvent, Recorded } from './aggregate.js';
import type { CommandOutcome, CommandRequest } from './command-request.js';
import type { EventCodec } from './event-codec.js';
import type { Append, EventStore, RememberedCommand } from './event-store.js';
import { AggregateLoader, type DecisionBasis } from './rehydrate.js';
import type { SnapshotStore } from './snapshot-store.js';
import { SnapshotWriter } from './snapshot-writer.js';
import type { EventDraft } from './stored-event.js';

export interface CommandExecutorSettings {
  /** Appends tried for one command before it is `contended`; at least 1. */
  readonly appendAttemptsMax: number;
  /** The longest wait before the second append, in ms; it doubles with every further one. The wait itself is random. */
  readonly conflictDelayMs: number;
  /** Events between two snapshots of an aggregate; at least 1. */
  readonly snapshotEvery: number;
  /** Snapshots being written at the same time; one that comes due beyond it is left out. */
  readonly snapshotWritesMax: number;
  /** Aggregates whose newest known state is kept in memory; 0 keeps none. */
  readonly cachedAggregatesMax: number;
  /** Commands of one aggregate that run or wait in this process; beyond it they are refused with `StoreUnavailableError`. */
  readonly commandsPerAggregateMax: number;
}

export const COMMAND_EXECUTOR_DEFAULTS: CommandExecutorSettings = {
  appendAttemptsMax: 10,
  conflictDelayMs: 2,
  snapshotEvery: 100,
  snapshotWritesMax: 16,
  cachedAggregatesMax: 2000,
  commandsPerAggregateMax: 1000,
};

export interface CommandExecutorOptions<
  State extends { readonly version: number },
  Command,
  Event extends DomainEvent,
  Refusal,
> {
  readonly aggregate: Aggregate<State, Command, Event, Refusal>;
  readonly codec: EventCodec<Event>;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** What is absent is taken from {@link COMMAND_EXECUTOR_DEFAULTS}. */
  readonly settings?: Partial<CommandExecutorSettings>;
  /** Told of every snapshot that could not be written, read or used: costs time, loses nothing. */
  readonly onSnapshotFailure?: (error: unknown) => void;
}

/** Either events to append, or the answer already. */
type Verdict<Event, Refusal> =
  { readonly append: readonly Event[] } | { readonly append?: undefined; readonly answer: CommandOutcome<Refusal> };

/** What a command is decided against where there is no stream yet. */
const NOTHING: DecisionBasis<never> = { state: undefined, version: 0, remembered: undefined };

/**
 * Carries out commands against one type of aggregate: loads it, lets it decide, and appends its events where the stream is
 * still as it was loaded; else decides again against what has come.
 *
 * Promises: a command is appended at most once per idempotency key, whatever is repeated, raced or crashed; every answer but
 * an append rests on a state read after the command came; commands of one aggregate run in the order they came.
 * {@link execute} throws `StoreUnavailableError` (nothing was appended), and what the codec and the aggregate throw (bugs,
 * and streams that this build cannot read).
 */
export class CommandExecutor<State extends { readonly version: number }, Command, Event extends DomainEvent, Refusal> {
  readonly #options: CommandExecutorOptions<State, Command, Event, Refusal>;
  readonly #settings: CommandExecutorSettings;
  readonly #loader: AggregateLoader<State, Event>;
  readonly #lanes: AggregateLanes;
  readonly #snapshotWriter: SnapshotWriter;
  /** Newest known states, least recently used first. They may be old: the append tells. */
  readonly #cache = new Map<string, State>();

  constructor(options: CommandExecutorOptions<State, Command, Event, Refusal>) {
    this.#options = options;
    this.#settings = { ...COMMAND_EXECUTOR_DEFAULTS, ...options.settings };
    this.#loader = new AggregateLoader({ ...options, snapshotEvery: this.#settings.snapshotEvery });
    this.#lanes = new AggregateLanes(this.#settings.commandsPerAggregateMax);
    this.#snapshotWriter = new SnapshotWriter({ ...options, settings: this.#settings });
  }

  /** Carries out one command. Commands of one aggregate wait for each other; so a repeat waits for its original. */
  execute(request: CommandRequest<State, Command>): Promise<CommandOutcome<Refusal>> {
    return this.#lanes.run(request.aggregateId, () => this.#run(request));
  }

  /** Resolves when every command and snapshot under way has ended. Stop executing first. */
  async drain(): Promise<void> {
    await this.#lanes.idle();
    await this.#snapshotWriter.idle();
  }

  async #run(request: CommandRequest<State, Command>): Promise<CommandOutcome<Refusal>> {
    const { appendAttemptsMax } = this.#settings;
    for (let attempt = 1; attempt <= appendAttemptsMax; attempt += 1) {
      if (attempt > 1) await this.#backOff(attempt);
      const outcome = await this.#attempt(request, attempt);
      if (outcome !== 'conflict') return outcome;
      this.#cache.delete(request.aggregateId);
    }
    return { outcome: 'contended', attempts: appendAttemptsMax };
  }

  async #attempt(
    request: CommandRequest<State, Command>,
    attempt: number,
  ): Promise<CommandOutcome<Refusal> | 'conflict'> {
    const supposed = request.isNew && attempt === 1 ? NOTHING : this.#cached(request.aggregateId);
    if (supposed) {
      await failpoint('after-load');
      const verdict = this.#decide(request, supposed);
      if (verdict.append) return this.#append(request, supposed, verdict.append);
    }
    // An old state may accept (the append tells) but must not refuse: whatever is no append is decided against a new load.
    const loaded = await this.#loader.loadForDecision(request.aggregateId, request.idempotency.key);
    await failpoint('after-load');
    if (loaded.state) this.#remember(request.aggregateId, loaded.state);
    const verdict = this.#decide(request, loaded);
    return verdict.append ? this.#append(request, loaded, verdict.append) : verdict.answer;
  }

  #decide(request: CommandRequest<State, Command>, basis: DecisionBasis<State>): Verdict<Event, Refusal> {
    const { state, version, remembered } = basis;
    const { expectedVersion = version } = request;
    if (remembered) return { answer: repeated(request, remembered) };
    if (state && request.visible?.(state) === false) return { answer: { outcome: 'not-found' } };
    const mismatch = { outcome: 'version-mismatch', expectedVersion, actualVersion: version } as const;
    if (state && expectedVersion !== version) return { answer: mismatch };
    const decision = this.#options.aggregate.handle(state, request.command);
    if (decision.outcome === 'refused') return { answer: decision };
    // Where nothing exists, the refusal that says so goes first; a creation that expects a version is told here.
    if (expectedVersion !== version) return { answer: mismatch };
    if (decision.events.length === 0) return { answer: { outcome: 'accepted', version, replayed: false } };
    return { append: decision.events };
  }

  async #append(
    request: CommandRequest<State, Command>,
    basis: DecisionBasis<State>,
    events: readonly Event[],
  ): Promise<CommandOutcome<Refusal> | 'conflict'> {
    const append = this.#appendOf(request, basis.version, events);
    await failpoint('before-commit-send');
    const appended = await this.#options.store.append(append);
    await failpoint('after-commit');
    switch (appended.outcome) {
      case 'appended':
        this.#advance(request.aggregateId, basis.state, events, appended);
        return { outcome: 'accepted', version: appended.lastSequence, replayed: false };
      case 'remembered':
        return repeated(request, appended.command);
      case 'conflict':
        return 'conflict';
      case 'unknown':
        this.#cache.delete(request.aggregateId);
        return { outcome: 'unknown', cause: appended.cause };
    }
  }

  #appendOf(request: CommandRequest<State, Command>, version: number, events: readonly Event[]): Append {
    const { aggregate, clock } = this.#options;
    return {
      aggregateId: request.aggregateId,
      aggregateType: aggregate.aggregateType,
      expected: version === 0 ? 'none' : version,
      events: events.map((event) => this.#draft(request, event)),
      now: timestampText(clock.now()),
      command: { key: request.idempotency.key, bodyHash: request.idempotency.bodyHash },
    };
  }

  #draft(request: CommandRequest<State, Command>, event: Event): EventDraft {
    const { codec, clock, entropy } = this.#options;
    return {
      eventId: uuidV7(clock, entropy),
      ...codec.encode(event),
      causationId: request.causationId ?? request.commandId,
      correlationId: request.correlationId,
      userId: request.userId,
      metadata: request.metadata,
    };
  }

  /** Takes the appended events into the cached state, and into a snapshot when one is due. */
  #advance(
    aggregateId: string,
    before: State | undefined,
    events: readonly Event[],
    appended: { readonly firstSequence: number; readonly timestamp: string },
  ): void {
    const { aggregate } = this.#options;
    let state = before;
    events.forEach((event, index) => {
      const place = { aggregateId, sequenceNumber: appended.firstSequence + index, timestamp: appended.timestamp };
      const recorded: Recorded<Event> = { ...event, ...place };
      state = state ? aggregate.apply(state, recorded) : aggregate.first(recorded);
    });
    if (!state) return;
    this.#remember(aggregateId, state);
    this.#snapshotWriter.saveIfDue(aggregateId, state, appended.firstSequence - 1, appended.timestamp);
  }

  async #backOff(attempt: number): Promise<void> {
    const { clock, entropy } = this.#options;
    await clock.sleep(entropy.fraction() * this.#settings.conflictDelayMs * 2 ** (attempt - 2));
  }

  #cached(aggregateId: string): DecisionBasis<State> | undefined {
    const state = this.#cache.get(aggregateId);
    return state && { state, version: state.version, remembered: undefined };
  }

  #remember(aggregateId: string, state: State): void {
    this.#cache.delete(aggregateId);
    this.#cache.set(aggregateId, state);
    for (const eldest of this.#cache.keys()) {
      if (this.#cache.size <= this.#settings.cachedAggregatesMax) break;
      this.#cache.delete(eldest);
    }
  }
}

/** A key that was used before: the first answer again, unless it came with another body. */
function repeated<Refusal>(
  request: { readonly idempotency: { readonly bodyHash: string } },
  remembered: RememberedCommand,
): CommandOutcome<Refusal> {
  if (remembered.bodyHash !== request.idempotency.bodyHash) return { outcome: 'key-reused' };
  return { outcome: 'accepted', version: remembered.lastSequence, replayed: true };
}
