import { CqlUnknownOutcomeError, statement, type CqlPort } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { failpoint, uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import { backOffMs, type BackOff } from './back-off.js';
import type { WriterInstance } from './writer-instance.js';

/** What an attempt is about to append: where, after which version, how many events. */
export interface Intent {
  readonly aggregateId: string;
  readonly version: number;
  readonly events: number;
}

/** An intent that is durable. Until it is done, others will finish or forbid the attempt if this process dies. */
export interface WrittenIntent {
  /** The attempt is decided, and what it has committed is in the change log. Call once. */
  done(): void;
}

/** Intents of one page: about a second of a writer. A page is deleted whole. */
interface Page {
  readonly instanceId: string;
  readonly number: number;
  attempts: number;
  /** Attempts that are not done. */
  open: number;
  closed: boolean;
}

interface Waiting {
  readonly intent: Intent;
  readonly resolve: (written: WrittenIntent) => void;
  readonly reject: (error: unknown) => void;
}

const PAGE_OPEN_MS = 1_000;
const PAGE_ATTEMPTS_MAX = 256;
/** How long to wait before a page that could not be deleted is tried again. */
const CLEAR_AGAIN: BackOff = { firstMs: 100, mostMs: 5_000 };

/**
 * An intent is written once and then deleted, whatever the clocks of the nodes say that stamp the one and the other: else a node
 * that is behind would delete nothing, and a write that arrives late would bring an intent back.
 */
const WRITTEN_AT = 1;
export const DELETED_AT = 2;

const insertIntent = statement(
  'intents.insert',
  `INSERT INTO append_intents (instance_id, page, attempt_id, aggregate_id, version, events) VALUES (?, ?, ?, ?, ?, ?)
   USING TIMESTAMP ${WRITTEN_AT}`,
);
const deletePage = statement(
  'intents.delete-page',
  `DELETE FROM append_intents USING TIMESTAMP ${DELETED_AT} WHERE instance_id = ? AND page = ?`,
);

/** The intents of one writer. Those of attempts that come while others are being written go out together, as one write. */
export class IntentPages {
  readonly #port: CqlPort;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #instance: WriterInstance;
  readonly #stopped = new AbortController();
  readonly #clearing = new Set<Promise<void>>();
  readonly #pages = new Set<Page>();
  #current: Page | undefined;
  #nextNumber = 0;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(port: CqlPort, clock: Clock, entropy: Entropy, instance: WriterInstance) {
    this.#port = port;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#instance = instance;
  }

  /** Writes an intent. Throws `StoreUnavailableError`: it may stand there, and nothing may be committed on it. */
  write(intent: Intent): Promise<WrittenIntent> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ intent, resolve, reject });
      if (!this.#writing) void this.#writeWaiting();
    });
  }

  /** Deletes what is done; true when nothing is left. What is not cleared by the abort of `deadline` stays for others to repair. */
  async close(deadline: AbortSignal): Promise<boolean> {
    this.#closePage(this.#current);
    deadline.addEventListener('abort', () => this.#stopped.abort(), { once: true });
    while (this.#clearing.size > 0) await Promise.all(this.#clearing);
    this.#stopped.abort();
    return this.#pages.size === 0;
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      try {
        await this.#writeTogether(await this.#instance.liveId());
      } catch (error) {
        for (const { reject } of this.#waiting.splice(0)) reject(withoutIntent(error));
      }
    }
    this.#writing = false;
  }

  async #writeTogether(instanceId: string): Promise<void> {
    const page = this.#pageOf(instanceId);
    const batch = this.#waiting.splice(0, PAGE_ATTEMPTS_MAX - page.attempts);
    page.attempts += batch.length;
    page.open += batch.length;
    if (page.attempts >= PAGE_ATTEMPTS_MAX) this.#closePage(page);
    const writes = batch.map(({ intent }) => ({
      statement: insertIntent,
      values: [page.instanceId, page.number, uuidV7(this.#clock, this.#entropy), ...valuesOf(intent)],
    }));
    try {
      await this.#port.writeTogether(writes);
    } catch (error) {
      for (const { reject } of batch) {
        this.#done(page);
        reject(withoutIntent(error));
      }
      return;
    }
    for (const { resolve } of batch) resolve({ done: () => this.#done(page) });
  }

  #pageOf(instanceId: string): Page {
    if (this.#current && !this.#current.closed && this.#current.instanceId === instanceId) return this.#current;
    this.#closePage(this.#current);
    const page: Page = { instanceId, number: this.#nextNumber, attempts: 0, open: 0, closed: false };
    this.#nextNumber += 1;
    this.#current = page;
    this.#pages.add(page);
    void this.#clock.sleep(PAGE_OPEN_MS, this.#stopped.signal).then(() => this.#closePage(page));
    return page;
  }

  #closePage(page: Page | undefined): void {
    if (!page || page.closed) return;
    page.closed = true;
    if (page.open === 0) this.#clear(page);
  }

  #done(page: Page): void {
    page.open -= 1;
    if (page.open === 0 && page.closed) this.#clear(page);
  }

  #clear(page: Page): void {
    const clearing = this.#delete(page).finally(() => this.#clearing.delete(clearing));
    this.#clearing.add(clearing);
  }

  /** Until it is done, or this writer is closed. A page without an intent that stands there costs one delete that changes nothing. */
  async #delete(page: Page): Promise<void> {
    const { signal } = this.#stopped;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await failpoint('before-clear');
        await this.#port.write(deletePage, [page.instanceId, page.number]);
        this.#pages.delete(page);
        return;
      } catch {
        if (signal.aborted) return;
        await this.#clock.sleep(backOffMs(attempt, CLEAR_AGAIN, this.#entropy), signal);
        if (signal.aborted) return;
      }
    }
  }
}

function valuesOf({ aggregateId, version, events }: Intent): [string, bigint, number] {
  return [aggregateId, BigInt(version), events];
}

/** Without its intent nothing is committed, so an unknown outcome of it leaves nothing unknown. */
function withoutIntent(error: unknown): unknown {
  if (!(error instanceof CqlUnknownOutcomeError)) return error;
  return new StoreUnavailableError(`the intent of the append could not be written: ${error.message}`, { cause: error });
}
