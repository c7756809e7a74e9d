/** One message of a topic. */
export interface Message {
  /** Messages of one key stay in order, in one partition. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A message where it lies in its topic. */
export interface TopicRecord extends Message {
  readonly partition: number;
  readonly offset: number;
}

/** The broker cannot take messages now. Some of a batch may have been taken: publish all of it again. */
export class BrokerUnavailableError extends Error {
  readonly code = 'broker-unavailable';
  readonly retryable = true;
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'BrokerUnavailableError';
  }
}

/** The most messages of one {@link Broker.publish} or one page of {@link TopicReader.read}. */
export const MESSAGES_MAX = 1000;

/** Publishes to one topic. */
export abstract class Broker {
  /**
   * Publishes in order; resolves once every message is durable. Throws {@link BrokerUnavailableError}: any prefix may have
   * been published, so the caller publishes the same messages again before any later one of the same keys.
   */
  abstract publish(messages: readonly Message[]): Promise<void>;
  abstract close(): Promise<void>;
}

/** Reads one topic, for people and for checks. */
export abstract class TopicReader {
  abstract partitions(): Promise<number>;
  /** Messages of a partition from `offset` on (0 = the beginning), at most {@link MESSAGES_MAX}; [] at the end. */
  abstract read(partition: number, offset: number): Promise<readonly TopicRecord[]>;
  /** The offset after the last message. */
  abstract end(partition: number): Promise<number>;
  abstract close(): Promise<void>;
}
