import { CassandraLog, CqlUnknownOutcomeError, type CqlPort } from '@chronicle/cql';
import {
  EMPTY_STREAM,
  StoreUnavailableError,
  sealEvents,
  type Append,
  type AppendOutcome,
  type StoredEvent,
  type StreamEnd,
} from '@chronicle/event-sourcing-core';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';

/** Of a write that a busy server did not answer in time; readers drop repeats. */
const WRITES_MAX = 30;
const REPEAT_AFTER_MS = 200;

/**
 * Brings events into the change log and nowhere else, since that is all that a worker reads which catches up: many times faster
 * than committing them. Appends to one aggregate come one after another, with one event each.
 */
export class LogFiller {
  readonly #log: CassandraLog;
  readonly #ends = new Map<string, StreamEnd>();

  private constructor(log: CassandraLog) {
    this.#log = log;
  }

  static async open(port: CqlPort, keyspace: string): Promise<LogFiller> {
    return new LogFiller(await CassandraLog.open({ port, keyspace, clock, entropy }));
  }

  async append({ aggregateId, aggregateType, events, now }: Append): Promise<AppendOutcome> {
    const end = this.#ends.get(aggregateId) ?? EMPTY_STREAM;
    const sealed = sealEvents({ aggregateId, aggregateType }, end, events, now);
    const { sequenceNumber: version, hash, timestamp } = sealed.at(-1)!;
    this.#ends.set(aggregateId, { version, hash, timestamp });
    await this.#write(sealed);
    return { outcome: 'appended', firstSequence: end.version + 1, lastSequence: version, timestamp };
  }

  async #write(events: readonly StoredEvent[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#log.write(events);
      } catch (error) {
        const mayPass = error instanceof StoreUnavailableError || error instanceof CqlUnknownOutcomeError;
        if (!mayPass || attempt === WRITES_MAX) throw error;
        await clock.sleep(REPEAT_AFTER_MS);
      }
    }
  }
}
