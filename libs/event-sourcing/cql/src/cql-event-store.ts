import { storedEventFromRow, type CqlPort } from '@chronicle/cql';
import {
  EventStore,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type LoadRange,
  type ScanPage,
  type StoredEvent,
  type StreamHead,
} from '@chronicle/event-sourcing-core';
import type { Clock, Entropy } from '@chronicle/seams';
import { EventAppender, type AppenderSettings, type AppenderStatus } from './event-appender.js';
import { eventsByCorrelation, loadEvents, readEpoch } from './event-statements.js';
import type { OutboxWriter } from './outbox.js';
import { scanRing, type RingScanSettings } from './ring-scan.js';
import { loadStream, rememberedIn } from './stream-state.js';

export interface CqlEventStoreSettings extends AppenderSettings, RingScanSettings {}

export const CQL_EVENT_STORE_DEFAULTS: CqlEventStoreSettings = {
  appendAttemptsMax: 30,
  appendsPerAggregateMax: 2_000,
  cachedStreamsMax: 10_000,
  outboxAckLimitMs: 1_000,
  maxPendingOutboxWrites: 1_000,
  outboxRepeatsMax: 32,
  heartbeatMs: 3_000,
  instanceTimeoutMs: 10_000,
  repairWatchMs: 1_000,
  orphanSweepMs: 60_000,
  drainTimeoutMs: 20_000,
  scanRanges: 64,
  scansAtOnce: 8,
};

export interface CqlEventStoreOptions {
  /** Connected to a migrated keyspace; stays its owner's to close, after the store. */
  readonly port: CqlPort;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Brings committed events into the change log; absent: the store is open for reading only. */
  readonly outbox?: OutboxWriter;
  readonly settings?: Partial<CqlEventStoreSettings>;
  /** Told of failures in the background; each is tried again by itself. */
  readonly onBackgroundFailure?: (error: unknown) => void;
}

/**
 * The event store on ScyllaDB or Cassandra. An append acknowledged is committed by a conditional batch and seen by every later
 * read; it comes into the change log right afterwards, by this process, or by another if this one dies before (see README).
 */
export class CqlEventStore extends EventStore {
  readonly #port: CqlPort;
  readonly #clock: Clock;
  readonly #settings: CqlEventStoreSettings;
  readonly #appender: EventAppender | undefined;
  #closed = false;

  private constructor(options: CqlEventStoreOptions, settings: CqlEventStoreSettings) {
    super();
    this.#port = options.port;
    this.#clock = options.clock;
    this.#settings = settings;
    const { outbox } = options;
    if (outbox) {
      this.#appender = new EventAppender({
        ...options,
        outbox,
        settings,
        load: (aggregateId, from, to) => this.#loadWhole(aggregateId, from, to),
      });
    }
  }

  /** Opens the store; a writing one enters the instances of `command-service` and begins to look after dead ones. */
  static async open(options: CqlEventStoreOptions): Promise<CqlEventStore> {
    const store = new CqlEventStore(options, { ...CQL_EVENT_STORE_DEFAULTS, ...options.settings });
    await store.#appender?.start();
    return store;
  }

  /** How the writing side is; undefined when it is open for reading only. */
  get writing(): AppenderStatus | undefined {
    return this.#appender?.status();
  }

  override async append(append: Append): Promise<AppendOutcome> {
    this.#refuseWhenClosed();
    if (!this.#appender) throw new StoreUnavailableError('the event store is open for reading: open it with an outbox');
    return this.#appender.append(append);
  }

  override async head(aggregateId: string, commandKey?: string): Promise<StreamHead | undefined> {
    this.#refuseWhenClosed();
    const stream = await loadStream(this.#port, aggregateId, commandKey);
    this.#appender?.suppose(aggregateId.toLowerCase(), stream);
    if (stream.aggregateType === undefined) return undefined;
    const remembered = rememberedIn(stream, commandKey, this.#clock.now());
    return { aggregateType: stream.aggregateType, version: stream.end.version, remembered };
  }

  override async *load(aggregateId: string, range: LoadRange = {}): AsyncGenerator<readonly StoredEvent[]> {
    this.#refuseWhenClosed();
    const { from = 1, to = Number.MAX_SAFE_INTEGER, asOf } = range;
    if (from > to) return;
    for await (const rows of this.#port.pages(loadEvents, [aggregateId, BigInt(from), BigInt(to)])) {
      const events = rows.map(storedEventFromRow);
      const later = asOf === undefined ? -1 : events.findIndex(({ timestamp }) => timestamp > asOf);
      if (later === -1) yield events;
      else if (later > 0) yield events.slice(0, later);
      if (later !== -1) return;
    }
  }

  override async *streamAll(filter: { readonly eventType?: string } = {}): AsyncGenerator<ScanPage> {
    this.#refuseWhenClosed();
    const { eventType } = filter;
    for await (const page of scanRing(this.#port, this.#settings)) {
      if (eventType === undefined) yield page;
      else yield { ...page, events: page.events.filter((event) => event.eventType === eventType) };
    }
  }

  override async *byCorrelation(correlationId: string): AsyncGenerator<readonly StoredEvent[]> {
    this.#refuseWhenClosed();
    for await (const rows of this.#port.pages(eventsByCorrelation, [correlationId])) yield rows.map(storedEventFromRow);
  }

  override async epoch(): Promise<number> {
    this.#refuseWhenClosed();
    const row = await this.#port.readOne(readEpoch, []);
    return Number(row?.epoch ?? 1);
  }

  /**
   * Waits, at most `drainTimeoutMs`, until every append handed over is decided and in the change log. What is left then keeps its
   * intent, and is finished by another command-service.
   */
  override async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#appender?.close();
  }

  /** Of one append, so never many; yet a page may be cut short. */
  async #loadWhole(aggregateId: string, from: number, to: number): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const rows of this.#port.pages(loadEvents, [aggregateId, BigInt(from), BigInt(to)])) {
      events.push(...rows.map(storedEventFromRow));
    }
    return events;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailableError('the event store is closed');
  }
}
