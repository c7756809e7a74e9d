import {
  EMPTY_STREAM,
  followChain,
  type Append,
  type EventDraft,
  type EventStore,
  type StoredEvent,
} from '@chronicle/event-sourcing-core';
import { seededEntropy, timestampText, uuidV7, type Clock, type ManualClock } from '@chronicle/seams';

/** What a contract suite needs of an adapter: a fresh, empty store for every test. */
export interface StoreFixture<Store> {
  /** A handle on the store; several at once stand for several processes. The suite closes them. */
  open(): Promise<Store>;
  /** Removes what the test left behind; every handle is closed. */
  remove(): Promise<void>;
}

/** Makes a fresh, empty store whose adapter reads the time from `clock`. */
export type CreateFixture<Store> = (clock: ManualClock) => Promise<StoreFixture<Store>>;

/** Makes drafts, appends and ids, all distinct, with times from `clock`. */
export class AppendFactory {
  readonly #clock: Clock;
  readonly #entropy = seededEntropy(1);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  id(): string {
    return uuidV7(this.#clock, this.#entropy);
  }

  draft(draft: Partial<EventDraft> = {}): EventDraft {
    const commandId = this.id();
    return {
      eventId: this.id(),
      eventType: 'ThingDone',
      eventVersion: 1,
      eventData: '{"done":true}',
      causationId: commandId,
      correlationId: this.id(),
      userId: null,
      metadata: { commandId },
      ...draft,
    };
  }

  /** An append of one event to `aggregateId` unless told otherwise, with a command key of its own. */
  append(aggregateId: string, append: Partial<Append> = {}): Append {
    return {
      aggregateId,
      aggregateType: 'Thing',
      expected: 'any',
      events: [this.draft()],
      now: timestampText(this.#clock.now()),
      command: { key: `key-${this.id()}`, bodyHash: `body-${this.id()}` },
      ...append,
    };
  }
}

/** All events of a paged read, in the order read. */
export async function collect(pages: AsyncIterable<readonly StoredEvent[]>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

/** The stream of an aggregate, whole. Throws where its hash chain is broken. */
export async function verifiedStream(store: EventStore, aggregateId: string): Promise<StoredEvent[]> {
  const events = await collect(store.load(aggregateId));
  let end = EMPTY_STREAM;
  for (const event of events) {
    const next = followChain(end, event);
    if ('reason' in next) throw new Error(`aggregate ${aggregateId}, sequence ${next.sequenceNumber}: ${next.reason}`);
    end = next;
  }
  return events;
}
