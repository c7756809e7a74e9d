import { CqlUnknownOutcomeError, type CqlPort } from '@chronicle/cql';
import {
  APPEND_EVENTS_MAX,
  AggregateLanes,
  StoreUnavailableError,
  sealEvents,
  type Append,
  type AppendOutcome,
  type StoredEvent,
} from '@chronicle/event-sourcing-core';
import { failpoint, type Clock, type Entropy } from '@chronicle/seams';
import { backOffMs, type BackOff } from './back-off.js';
import { commitBatch } from './commit-batch.js';
import { IntentPages, type WrittenIntent } from './intent-pages.js';
import { Outbox, type OutboxPlace, type OutboxSettings, type OutboxWriter } from './outbox.js';
import type { RepairTools } from './repair-intent.js';
import { RepairSweeper, type RepairCounts, type RepairSettings } from './repair-sweeper.js';
import { settleAttempt } from './settle-attempt.js';
import { StreamCache } from './stream-cache.js';
import { NO_STREAM, loadStream, rememberedIn, type LoadedStream, type StreamState } from './stream-state.js';
import { WriterInstance, type WriterInstanceSettings } from './writer-instance.js';

export interface AppenderSettings extends OutboxSettings, WriterInstanceSettings, RepairSettings {
  /** Attempts of one append to a stream that moves all the time (default 30). */
  readonly appendAttemptsMax: number;
  /** Appends to one aggregate that may wait for each other (default 2000). */
  readonly appendsPerAggregateMax: number;
  /** Streams whose end is kept in memory (default 10,000). */
  readonly cachedStreamsMax: number;
  /** How long closing may take (default 20,000). */
  readonly drainTimeoutMs: number;
}

export interface AppenderOptions {
  readonly port: CqlPort;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly outbox: OutboxWriter;
  readonly settings: AppenderSettings;
  readonly load: RepairTools['load'];
  readonly onBackgroundFailure?: (error: unknown) => void;
}

/** For metrics and readiness. */
export interface AppenderStatus {
  /** Attempts that are not yet both decided and in the change log; at `maxPendingOutboxWrites` appends are refused. */
  readonly pendingAppends: number;
  /** Those of them whose outcome nobody has told yet. */
  readonly undecidedAttempts: number;
  readonly repairs: RepairCounts;
}

const CONFLICT: BackOff = { firstMs: 1, mostMs: 100 };
const UNDECIDED: BackOff = { firstMs: 100, mostMs: 5_000 };

/** One attempt to append, from before its commit until it is in the change log. */
interface Attempt {
  readonly append: Append;
  readonly stream: StreamState | LoadedStream;
  readonly events: readonly StoredEvent[];
  readonly intent: WrittenIntent;
  readonly place: OutboxPlace;
}

/**
 * Appends by the protocol that the exhaustive search of `protocol-model.spec.ts` was made for: load, then intent, then commit
 * under the condition of what was loaded, then the change log, then the intent's end. The order is not taste.
 */
export class EventAppender {
  readonly #port: CqlPort;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #settings: AppenderSettings;
  readonly #onFailure: (error: unknown) => void;
  readonly #lanes: AggregateLanes;
  readonly #cache: StreamCache;
  readonly #instance: WriterInstance;
  readonly #intents: IntentPages;
  readonly #outbox: Outbox;
  readonly #sweeper: RepairSweeper;
  /** Attempts behind their commit: being brought into the change log, or undecided. */
  readonly #behind = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #undecided = 0;

  constructor(options: AppenderOptions) {
    const { port, clock, entropy, settings, load } = options;
    this.#port = port;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#settings = settings;
    this.#onFailure = options.onBackgroundFailure ?? (() => undefined);
    this.#lanes = new AggregateLanes(settings.appendsPerAggregateMax);
    this.#cache = new StreamCache(settings.cachedStreamsMax);
    this.#instance = new WriterInstance(port, clock, entropy, settings);
    this.#intents = new IntentPages(port, clock, entropy, this.#instance);
    this.#outbox = new Outbox(options.outbox, clock, entropy, settings);
    const tools = { port, load, publish: (events: readonly StoredEvent[]) => this.#outbox.publishOnce(events) };
    this.#sweeper = new RepairSweeper(tools, clock, settings, this.#onFailure);
  }

  async start(): Promise<void> {
    await this.#instance.enter();
    this.#sweeper.start();
  }

  status(): AppenderStatus {
    return {
      pendingAppends: this.#outbox.pending,
      undecidedAttempts: this.#undecided,
      repairs: this.#sweeper.counts,
    };
  }

  async append(append: Append): Promise<AppendOutcome> {
    const { length } = append.events;
    if (length < 1 || length > APPEND_EVENTS_MAX) {
      throw new RangeError(
        `append to ${append.aggregateId}: expected 1 to ${APPEND_EVENTS_MAX} events, found ${length}`,
      );
    }
    const stored = asStored(append);
    return this.#lanes.run(stored.aggregateId, () => this.#append(stored));
  }

  /** Takes what somebody else has read of a stream as what can be supposed of it. */
  suppose(aggregateId: string, stream: StreamState): void {
    if (stream.aggregateType !== undefined && !this.#cache.get(aggregateId)) this.#cache.set(aggregateId, stream);
  }

  /** Stop appending first. What is not done within `drainTimeoutMs` keeps its intent. */
  async close(): Promise<void> {
    const deadline = new AbortController();
    const timer = new AbortController();
    void this.#clock.sleep(this.#settings.drainTimeoutMs, timer.signal).then(() => deadline.abort());
    deadline.signal.addEventListener('abort', () => {
      this.#stopped.abort();
      this.#outbox.stop();
    });
    await this.#lanes.idle();
    while (this.#behind.size > 0) await Promise.all(this.#behind);
    const nothingLeft = await this.#intents.close(deadline.signal);
    await this.#sweeper.stop();
    await (nothingLeft ? this.#instance.leave() : this.#instance.abandon());
    this.#outbox.stop();
    timer.abort();
  }

  async #append(append: Append): Promise<AppendOutcome> {
    const { appendAttemptsMax } = this.#settings;
    for (let attempt = 1; attempt <= appendAttemptsMax; attempt += 1) {
      if (attempt > 1) await this.#clock.sleep(backOffMs(attempt - 1, CONFLICT, this.#entropy));
      const supposed = attempt === 1 ? this.#supposed(append) : undefined;
      const outcome = await (supposed ? this.#commit(append, supposed) : this.#attempt(append));
      if (outcome) return outcome;
      this.#cache.delete(append.aggregateId);
    }
    throw new StoreUnavailableError(
      `aggregate ${append.aggregateId} moved in ${appendAttemptsMax} attempts to append to it: try again later`,
    );
  }

  /**
   * What can be supposed of the stream without reading it. It may be old: it may accept, since the commit tells, but it must not
   * refuse. Undefined: there is nothing that could accept.
   */
  #supposed(append: Append): StreamState | undefined {
    const stream = this.#cache.get(append.aggregateId) ?? (append.expected === 'none' ? NO_STREAM : undefined);
    // The commit has a condition on every key but the creation's.
    const isRepeat = stream?.creationKey === append.command.key;
    return stream && !isRepeat && isAppendable(append, stream) ? stream : undefined;
  }

  /** Undefined: the stream has moved; nothing was appended. */
  async #attempt(append: Append): Promise<AppendOutcome | undefined> {
    const { aggregateId, aggregateType, command } = append;
    const loaded = await loadStream(this.#port, aggregateId, command.key);
    const remembered = rememberedIn(loaded, command.key, Date.parse(append.now));
    if (remembered && loaded.aggregateType === aggregateType) return { outcome: 'remembered', command: remembered };
    if (!isAppendable(append, loaded)) return { outcome: 'conflict', actualVersion: loaded.end.version };
    return this.#commit(append, loaded);
  }

  async #commit(append: Append, stream: StreamState | LoadedStream): Promise<AppendOutcome | undefined> {
    const { aggregateId, aggregateType } = append;
    const events = sealEvents({ aggregateId, aggregateType }, stream.end, append.events, append.now);
    const place = this.#outbox.enter();
    let intent: WrittenIntent | undefined;
    try {
      intent = await this.#intents.write({ aggregateId, version: stream.end.version, events: events.length });
      await failpoint('after-intent');
      const committed = await this.#port.writeIf(commitBatch(append, stream, events));
      if (committed.applied) return this.#committed({ append, stream, events, intent, place });
    } catch (error) {
      if (intent && error instanceof CqlUnknownOutcomeError) {
        this.#cache.delete(aggregateId);
        this.#inBackground(this.#settle({ append, stream, events, intent, place }));
        return { outcome: 'unknown', cause: error };
      }
      intent?.done();
      place.leave();
      throw error;
    }
    intent.done();
    place.leave();
    return undefined;
  }

  #committed(attempt: Attempt): AppendOutcome {
    const { append, stream, events } = attempt;
    const last = events.at(-1)!;
    this.#cache.set(append.aggregateId, {
      aggregateType: append.aggregateType,
      end: { version: last.sequenceNumber, hash: last.hash, timestamp: last.timestamp },
      fence: stream.fence,
      commandCount: stream.commandCount + 1,
      creationKey: stream.creationKey ?? append.command.key,
    });
    this.#inBackground(this.#publish(attempt));
    const firstSequence = events[0]!.sequenceNumber;
    return { outcome: 'appended', firstSequence, lastSequence: last.sequenceNumber, timestamp: last.timestamp };
  }

  async #publish({ events, intent, place }: Attempt): Promise<void> {
    if (await this.#outbox.publish(events)) intent.done();
    place.leave();
  }

  /** Until the attempt is decided, its intent stays; also when this process ends before. */
  async #settle(attempt: Attempt): Promise<void> {
    const { append, stream, events, intent, place } = attempt;
    const { signal } = this.#stopped;
    const unknown = { aggregateId: append.aggregateId, version: stream.end.version, eventId: events[0]!.eventId };
    this.#undecided += 1;
    let verdict: Awaited<ReturnType<typeof settleAttempt>> = 'undecided';
    for (let repeat = 1; verdict === 'undecided' && !signal.aborted; repeat += 1) {
      try {
        verdict = await settleAttempt(this.#port, unknown);
      } catch (error) {
        this.#onFailure(error);
      }
      if (verdict === 'undecided') await this.#clock.sleep(backOffMs(repeat, UNDECIDED, this.#entropy), signal);
    }
    this.#undecided -= 1;
    if (verdict === 'committed') return this.#publish(attempt);
    if (verdict === 'not committed') {
      this.#cache.delete(append.aggregateId); // its fence is higher now
      intent.done();
    }
    place.leave();
  }

  #inBackground(work: Promise<void>): void {
    const behind = work.catch(this.#onFailure).finally(() => this.#behind.delete(behind));
    this.#behind.add(behind);
  }
}

/** Ids as the database gives them back: in lower case. The hash covers what is stored. */
function asStored(append: Append): Append {
  const events = append.events.map((draft) => ({
    ...draft,
    eventId: draft.eventId.toLowerCase(),
    causationId: draft.causationId.toLowerCase(),
    correlationId: draft.correlationId.toLowerCase(),
  }));
  return { ...append, aggregateId: append.aggregateId.toLowerCase(), events };
}

function isAppendable({ aggregateType, expected }: Append, { aggregateType: found, end }: StreamState): boolean {
  if (found !== undefined && found !== aggregateType) return false;
  return expected === 'any' || end.version === (expected === 'none' ? 0 : expected);
}
