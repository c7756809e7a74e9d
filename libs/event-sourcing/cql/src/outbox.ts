import { BASE_TABLE, ENVELOPE_COLUMNS, envelopeValues, statement, type CqlPort } from '@chronicle/cql';
import { StoreUnavailableError, type StoredEvent } from '@chronicle/event-sourcing-core';
import { failpoint, type Clock, type Entropy } from '@chronicle/seams';
import { backOffMs, type BackOff } from './back-off.js';

/** Who brings committed events into the change log: where the dialects differ. */
export interface OutboxWriter {
  /** Writes the events of one aggregate, in order, with the database's own time. Repeating is harmless. Rejects: perhaps not written. */
  write(events: readonly StoredEvent[]): Promise<void>;
}

const insertMessage = statement(
  'outbox.insert',
  `INSERT INTO ${BASE_TABLE} (${ENVELOPE_COLUMNS.join(', ')}) VALUES (${ENVELOPE_COLUMNS.map(() => '?').join(', ')})`,
);

/** On ScyllaDB: rows of `outbox_messages`, from which the database itself writes its change log. */
export function scyllaOutbox(port: CqlPort): OutboxWriter {
  return {
    write: (events) =>
      port.writeTogether(events.map((event) => ({ statement: insertMessage, values: envelopeValues(event) }))),
  };
}

export interface OutboxSettings {
  /** An acknowledgement that comes later does not count (default 1000): the row may lie where readers have passed. */
  readonly outboxAckLimitMs: number;
  /** Committed attempts that may wait for the change log (default 1000). */
  readonly maxPendingOutboxWrites: number;
  /** Repeats under way at once (default 32). */
  readonly outboxRepeatsMax: number;
}

/** Writes that begin within this share of the limit have one timer together: with one each, a tenth of our CPU time went there. */
const LIMITS_TOGETHER = 1 / 20;

const REPEAT: BackOff = { firstMs: 100, mostMs: 5_000 };

/** A place among the attempts that may wait. */
export interface OutboxPlace {
  leave(): void;
}

/** Brings events into the change log, again and again until it is acknowledged in time. */
export class Outbox {
  readonly #writer: OutboxWriter;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #settings: OutboxSettings;
  readonly #stopped = new AbortController();
  #limit: { readonly begunAt: number; readonly over: Promise<false> } | undefined;
  #pending = 0;
  #repeating = 0;
  #repeatsWaiting: (() => void)[] = [];

  constructor(writer: OutboxWriter, clock: Clock, entropy: Entropy, settings: OutboxSettings) {
    this.#writer = writer;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#settings = settings;
  }

  /** Attempts that have a place: under way, undecided, or waiting for the change log. */
  get pending(): number {
    return this.#pending;
  }

  /** Takes a place, before anything is committed. Throws `StoreUnavailableError` when there is none. */
  enter(): OutboxPlace {
    const { maxPendingOutboxWrites } = this.#settings;
    if (this.#pending >= maxPendingOutboxWrites) {
      throw new StoreUnavailableError(
        `${this.#pending} appends wait for the change log, at most ${maxPendingOutboxWrites} may: try again when it takes writes`,
      );
    }
    this.#pending += 1;
    return { leave: () => (this.#pending -= 1) };
  }

  /** True when the events are in the change log; false when the outbox was stopped before. */
  async publish(events: readonly StoredEvent[]): Promise<boolean> {
    const { signal } = this.#stopped;
    if (await this.publishOnce(events)) return true;
    for (let repeat = 1; ; repeat += 1) {
      await this.#clock.sleep(backOffMs(repeat, REPEAT, this.#entropy), signal);
      if (signal.aborted) return false;
      if (await this.#oneOfFew(() => this.publishOnce(events))) return true;
    }
  }

  /** Tries once; true when it was acknowledged in time. */
  async publishOnce(events: readonly StoredEvent[]): Promise<boolean> {
    try {
      return await Promise.race([this.#write(events), this.#tooLate()]);
    } catch {
      return false;
    }
  }

  /** Resolves when a write that begins now no longer counts: within the limit, and at most a twentieth of it earlier. */
  #tooLate(): Promise<false> {
    const { outboxAckLimitMs } = this.#settings;
    const now = this.#clock.monotonic();
    if (this.#limit && now - this.#limit.begunAt < outboxAckLimitMs * LIMITS_TOGETHER) return this.#limit.over;
    const over = this.#clock.sleep(outboxAckLimitMs, this.#stopped.signal).then((): false => false);
    this.#limit = { begunAt: now, over };
    return over;
  }

  /** Lets those who wait give up, and leaves no timer behind. What they have not published keeps its intent. */
  stop(): void {
    this.#stopped.abort();
  }

  async #write(events: readonly StoredEvent[]): Promise<true> {
    await failpoint('before-outbox');
    await this.#writer.write(events);
    await failpoint('after-outbox');
    return true;
  }

  async #oneOfFew(write: () => Promise<boolean>): Promise<boolean> {
    if (this.#repeating >= this.#settings.outboxRepeatsMax) {
      await new Promise<void>((resolve) => this.#repeatsWaiting.push(resolve));
    } else this.#repeating += 1;
    try {
      return await write();
    } finally {
      const next = this.#repeatsWaiting.shift();
      if (next) next();
      else this.#repeating -= 1;
    }
  }
}
