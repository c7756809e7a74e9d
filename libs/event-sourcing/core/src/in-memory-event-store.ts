import type { Clock } from '@chronicle/seams';
import {
  APPEND_EVENTS_MAX,
  EventStore,
  PAGE_EVENTS_MAX,
  REMEMBERED_COMMANDS_MAX,
  REMEMBER_MS,
  StoreUnavailableError,
  type Append,
  type AppendOutcome,
  type ExpectedVersion,
  type LoadRange,
  type RememberedCommand,
  type ScanPage,
  type StreamHead,
} from './event-store.js';
import { EMPTY_STREAM, sealEvents } from './hash-chain.js';
import type { StoredEvent } from './stored-event.js';

interface Command extends RememberedCommand {
  /** ms since 1970. */
  readonly expiresAt: number;
}

interface Stream {
  readonly aggregateType: string;
  readonly events: StoredEvent[];
  /** In the order they came. */
  readonly commands: Command[];
}

/**
 * The event store as the port means it, in the memory of one process: the reference that others are compared with, and a
 * stand-in for specs. It loses everything with the process.
 */
export class InMemoryEventStore extends EventStore {
  readonly #streams: Map<string, Stream>;
  readonly #clock: Clock;
  #closed = false;

  /** `other`: be another handle on the same events, as another process would have one. */
  constructor(clock: Clock, other?: InMemoryEventStore) {
    super();
    this.#streams = other ? other.#streams : new Map();
    this.#clock = clock;
  }

  override async append(append: Append): Promise<AppendOutcome> {
    this.#refuseWhenClosed();
    const { length } = append.events;
    if (length < 1 || length > APPEND_EVENTS_MAX) {
      throw new RangeError(
        `append to ${append.aggregateId}: expected 1 to ${APPEND_EVENTS_MAX} events, found ${length}`,
      );
    }
    const stream = this.#streams.get(append.aggregateId);
    const actualVersion = stream?.events.length ?? 0;
    if (stream && stream.aggregateType !== append.aggregateType) return { outcome: 'conflict', actualVersion };
    const command = remembered(stream, append.command.key, Date.parse(append.now));
    if (command) return { outcome: 'remembered', command };
    if (!isExpected(append.expected, actualVersion)) return { outcome: 'conflict', actualVersion };
    return this.#write(append, stream ?? { aggregateType: append.aggregateType, events: [], commands: [] });
  }

  #write({ aggregateId, events, now, command }: Append, stream: Stream): AppendOutcome {
    const sealed = sealEvents(
      { aggregateId, aggregateType: stream.aggregateType },
      endOf(stream),
      structuredClone(events),
      now,
    );
    const firstSequence = stream.events.length + 1;
    stream.events.push(...sealed);
    const lastSequence = stream.events.length;
    const expiresAt = firstSequence === 1 ? Infinity : Date.parse(now) + REMEMBER_MS;
    stream.commands.push({ ...command, firstSequence, lastSequence, expiresAt });
    this.#streams.set(aggregateId, stream);
    return { outcome: 'appended', firstSequence, lastSequence, timestamp: sealed[0]!.timestamp };
  }

  override async head(aggregateId: string, commandKey?: string): Promise<StreamHead | undefined> {
    this.#refuseWhenClosed();
    const stream = this.#streams.get(aggregateId);
    if (!stream) return undefined;
    const { aggregateType, events } = stream;
    return { aggregateType, version: events.length, remembered: remembered(stream, commandKey, this.#clock.now()) };
  }

  override async *load(aggregateId: string, range: LoadRange = {}): AsyncGenerator<readonly StoredEvent[]> {
    this.#refuseWhenClosed();
    const { from = 1, to = Infinity, asOf } = range;
    const events = this.#streams.get(aggregateId)?.events ?? [];
    const later = asOf === undefined ? -1 : events.findIndex((event) => event.timestamp > asOf);
    const prefix = later === -1 ? events : events.slice(0, later);
    yield* pages(prefix.filter(({ sequenceNumber }) => sequenceNumber >= from && sequenceNumber <= to));
  }

  override async *streamAll(filter: { readonly eventType?: string } = {}): AsyncGenerator<ScanPage> {
    const all = this.#all();
    const total = all.length;
    let scanned = 0;
    for (const page of pages(all)) {
      scanned += page.length;
      const events = page.filter(({ eventType }) => eventType === (filter.eventType ?? eventType));
      yield { events, scanned, total };
    }
  }

  override async *byCorrelation(correlationId: string): AsyncGenerator<readonly StoredEvent[]> {
    yield* pages(this.#all().filter((event) => event.correlationId === correlationId));
  }

  override async epoch(): Promise<number> {
    this.#refuseWhenClosed();
    return 1;
  }

  override async close(): Promise<void> {
    this.#closed = true;
  }

  #all(): StoredEvent[] {
    this.#refuseWhenClosed();
    return Array.from(this.#streams.values(), (stream) => stream.events).flat();
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailableError('the event store is closed');
  }
}

function isExpected(expected: ExpectedVersion, version: number): boolean {
  return expected === 'any' || version === (expected === 'none' ? 0 : expected);
}

/** The command of `key`, if it is among the newest, or created the stream, and has not expired. */
function remembered(stream: Stream | undefined, key: string | undefined, now: number): RememberedCommand | undefined {
  const commands = stream?.commands ?? [];
  const index = commands.findLastIndex((command) => command.key === key);
  const command = commands[index];
  if (!command || command.expiresAt <= now) return undefined;
  if (index > 0 && index < commands.length - REMEMBERED_COMMANDS_MAX) return undefined;
  const { expiresAt: _, ...answer } = command;
  return answer;
}

function endOf({ events }: Stream): typeof EMPTY_STREAM {
  const last = events.at(-1);
  return last ? { version: last.sequenceNumber, hash: last.hash, timestamp: last.timestamp } : EMPTY_STREAM;
}

function* pages(events: readonly StoredEvent[]): Generator<readonly StoredEvent[]> {
  for (let start = 0; start < events.length; start += PAGE_EVENTS_MAX)
    yield events.slice(start, start + PAGE_EVENTS_MAX);
}
