import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { StoreUnavailableError, type Append, type AppendOutcome } from '@chronicle/event-sourcing-core';
import type { AppendReply } from './append-batch.js';
import { EventWriterThread } from './event-writer-thread.js';

/** Appends, and events, of one commit. What queues while a commit is under way makes the next. */
const BATCH_APPENDS_MAX = 256;
const BATCH_EVENTS_MAX = 1000;
/** Appends that may wait for a commit; beyond it they are refused. */
const WAITING_APPENDS_MAX = 10_000;

interface Waiting {
  readonly append: Append;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Hands appends, batch by batch, to the writer thread, so that neither hashing nor the disk is ever waited for on the event
 * loop. A thread that ended is replaced when the next batch needs one; if none can be started, that batch is refused.
 */
export class EventWriter {
  readonly #dataDir: string;
  readonly #waiting: Waiting[] = [];
  #thread: EventWriterThread | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  private constructor(dataDir: string, thread: EventWriterThread) {
    this.#dataDir = dataDir;
    this.#thread = thread;
  }

  static async open(dataDir: string): Promise<EventWriter> {
    return new EventWriter(dataDir, await EventWriterThread.start(dataDir));
  }

  append(append: Append): Promise<AppendOutcome> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError('the event store is closed'));
    if (this.#waiting.length >= WAITING_APPENDS_MAX) {
      const message = `${WAITING_APPENDS_MAX} appends wait for the event store, no more may: try again later`;
      return Promise.reject(new StoreUnavailableError(message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      this.#working ??= this.#work().finally(() => (this.#working = undefined));
    });
  }

  /** Resolves once every append handed over is answered and the thread has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    await this.#thread?.close();
  }

  async #work(): Promise<void> {
    await turnOfEventLoop(); // gathers what the requests of this turn append
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchLength(this.#waiting));
      const replies = await this.#commit(batch.map(({ append }) => append));
      batch.forEach((waiting, index) => settle(waiting, replies[index]));
    }
  }

  async #commit(appends: readonly Append[]): Promise<readonly AppendReply[]> {
    try {
      if (!this.#thread || this.#thread.ended) this.#thread = await EventWriterThread.start(this.#dataDir);
    } catch (cause) {
      return appends.map(() => ({ outcome: 'unavailable', cause }));
    }
    try {
      return await this.#thread.commit(appends);
    } catch (cause) {
      return appends.map(() => ({ outcome: 'unknown', cause }));
    }
  }
}

function batchLength(waiting: readonly Waiting[]): number {
  let length = 0;
  for (let events = 0; length < waiting.length && length < BATCH_APPENDS_MAX; length += 1) {
    events += waiting[length]!.append.events.length;
    if (events > BATCH_EVENTS_MAX) break;
  }
  return length; // at least 1: an append alone is far below the bound
}

function settle({ resolve, reject }: Waiting, reply: AppendReply = { outcome: 'unknown', cause: undefined }): void {
  if (reply.outcome === 'failed') return reject(reply.cause);
  if (reply.outcome !== 'unavailable') return resolve(reply);
  const { cause } = reply;
  const reason = typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : cause;
  reject(new StoreUnavailableError(`the event store cannot write: ${String(reason)}`, { cause }));
}
