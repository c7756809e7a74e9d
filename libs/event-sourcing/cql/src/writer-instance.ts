import { CqlUnknownOutcomeError, statement, type CqlPort } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { uuidV7, type Clock, type Entropy } from '@chronicle/seams';

/** The group of `instances` that the writers of the event store form. */
export const WRITERS = 'command-service';

export interface WriterInstanceSettings {
  /** Between two heartbeats (default 3000). */
  readonly heartbeatMs: number;
  /** How long a heartbeat may stand still before others take an instance for dead (default 10,000). */
  readonly instanceTimeoutMs: number;
}

const insertInstance = statement(
  'writers.insert-instance',
  `INSERT INTO instances (consumer_group, instance_id, beat) VALUES ('${WRITERS}', ?, ?) IF NOT EXISTS`,
);
const beatInstance = statement(
  'writers.beat',
  `UPDATE instances SET beat = ? WHERE consumer_group = '${WRITERS}' AND instance_id = ? IF beat = ?`,
);
const readBeat = statement(
  'writers.read-beat',
  `SELECT beat FROM instances WHERE consumer_group = '${WRITERS}' AND instance_id = ?`,
);
const deleteInstance = statement(
  'writers.delete-instance',
  `DELETE FROM instances WHERE consumer_group = '${WRITERS}' AND instance_id = ? IF beat = ?`,
);
const readInstances = statement(
  'writers.read-instances',
  `SELECT instance_id, beat FROM instances WHERE consumer_group = '${WRITERS}'`,
);

/** A heartbeat counts as stale to its own process this much earlier than to others. */
const OWN_MARGIN = 0.7;

/**
 * This process among the writers. Its intents carry its id, by which others know whose they are when it has died. One whose
 * heartbeat is stale may have been taken for dead, and its intents with it: it goes on under a new id.
 */
export class WriterInstance {
  readonly #port: CqlPort;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #settings: WriterInstanceSettings;
  readonly #stopped = new AbortController();
  #id: string;
  #beat = 0n;
  /** Monotonic, when the last acknowledged heartbeat was sent. */
  #beatAt = -Infinity;
  #renewing: Promise<void> | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(port: CqlPort, clock: Clock, entropy: Entropy, settings: WriterInstanceSettings) {
    this.#port = port;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#settings = settings;
    this.#id = uuidV7(clock, entropy);
  }

  /** Enters the instance, and keeps it alive until {@link leave} or {@link abandon}. Throws `StoreUnavailableError`. */
  async enter(): Promise<void> {
    await this.liveId();
    this.#beating = this.#keepBeating();
  }

  /** The id to write intents under. Throws `StoreUnavailableError` when a stale one cannot be replaced. */
  async liveId(): Promise<string> {
    if (this.#isStale()) {
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
      await this.#renewing;
    }
    return this.#id;
  }

  /** Stops beating and removes the instance: it has no intents left. */
  async leave(): Promise<void> {
    await this.abandon();
    await this.#port.writeIf([{ statement: deleteInstance, values: [this.#id, this.#beat] }]).catch(() => undefined);
  }

  /** Stops beating. Its intents are for others to repair when they take it for dead. */
  async abandon(): Promise<void> {
    this.#stopped.abort();
    await this.#beating;
  }

  #isStale(): boolean {
    return this.#clock.monotonic() - this.#beatAt > this.#settings.instanceTimeoutMs * OWN_MARGIN;
  }

  async #renew(): Promise<void> {
    const id = uuidV7(this.#clock, this.#entropy);
    const sentAt = this.#clock.monotonic();
    await this.#port.writeIf([{ statement: insertInstance, values: [id, 0n] }]).catch(asUnavailable);
    this.#id = id;
    this.#beat = 0n;
    this.#beatAt = sentAt;
  }

  async #keepBeating(): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      await this.#clock.sleep(this.#settings.heartbeatMs, signal);
      if (signal.aborted) return;
      // A stale instance stays so until it has something to write; then it becomes another.
      if (!this.#isStale()) await this.#beatOnce().catch(() => undefined);
    }
  }

  async #beatOnce(): Promise<void> {
    const id = this.#id;
    const sentAt = this.#clock.monotonic();
    const next = this.#beat + 1n;
    const beaten = await this.#sendBeat(id, next);
    if (id !== this.#id) return;
    if (!beaten) {
      this.#beatAt = -Infinity; // others have buried it
      return;
    }
    this.#beat = next;
    this.#beatAt = sentAt;
  }

  /** True when the beat stands there, whoever told. */
  async #sendBeat(id: string, next: bigint): Promise<boolean> {
    try {
      const beaten = await this.#port.writeIf([{ statement: beatInstance, values: [next, id, this.#beat] }]);
      // Of an earlier beat whose answer was lost: only this process moves it.
      return beaten.applied || beaten.current?.beat === next;
    } catch (error) {
      if (!(error instanceof CqlUnknownOutcomeError)) throw error;
      return (await readBeatOf(this.#port, id)) === next || Promise.reject(error);
    }
  }
}

/** An id that may or may not be there is not used; others bury it. */
function asUnavailable(error: unknown): never {
  if (!(error instanceof CqlUnknownOutcomeError)) throw error;
  throw new StoreUnavailableError(`this writer could not enter the instances: ${error.message}`, { cause: error });
}

/** A writer as others see it. */
export interface SeenWriter {
  readonly instanceId: string;
  readonly beat: bigint;
}

/** All writers that have entered and not been removed. */
export async function seenWriters(port: CqlPort): Promise<readonly SeenWriter[]> {
  const writers: SeenWriter[] = [];
  for await (const rows of port.pages(readInstances, [])) {
    for (const row of rows) writers.push({ instanceId: row.instance_id as string, beat: row.beat as bigint });
  }
  return writers;
}

/** Its beat, or undefined when there is no such instance. */
export async function readBeatOf(port: CqlPort, instanceId: string): Promise<bigint | undefined> {
  return (await port.readOne(readBeat, [instanceId]))?.beat as bigint | undefined;
}

/** Removes an instance that was taken for dead, unless it has beaten meanwhile. */
export async function bury(port: CqlPort, { instanceId, beat }: SeenWriter): Promise<void> {
  await port.writeIf([{ statement: deleteInstance, values: [instanceId, beat] }]);
}
