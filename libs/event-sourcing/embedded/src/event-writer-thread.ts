import { Worker } from 'node:worker_threads';
import type { Append } from '@chronicle/event-sourcing-core';
import type { AppendReply } from './append-batch.js';

export interface WriterThreadData {
  readonly dataDir: string;
}
export type ThreadInput = { readonly kind: 'batch'; readonly appends: readonly Append[] } | { readonly kind: 'close' };
export type ThreadOutput =
  { readonly kind: 'ready' } | { readonly kind: 'replies'; readonly replies: readonly AppendReply[] };

/** A thread runs built JavaScript: this is the same file whether we run from `dist` or, under Jest, from `src`. */
const ENTRY = new URL('../dist/writer-thread.js', import.meta.url);
/** A thread that has not answered for so long is given up: what it was asked is of unknown outcome. */
const ANSWER_MAX_MS = 30_000;

interface Waiter {
  readonly resolve: (output: ThreadOutput) => void;
  readonly reject: (cause: unknown) => void;
}

/** The handle of one running writer thread. Used by one caller, one call at a time. */
export class EventWriterThread {
  readonly #worker: Worker;
  #waiter: Waiter | undefined;
  #cause: unknown;
  readonly #exit: Promise<void>;
  #ended = false;

  private constructor(dataDir: string) {
    const workerData: WriterThreadData = { dataDir };
    this.#worker = new Worker(ENTRY, { name: 'event-writer', workerData });
    this.#worker.on('message', (output: ThreadOutput) => this.#waiter?.resolve(output));
    this.#worker.on('error', (cause) => (this.#cause = cause));
    this.#exit = new Promise((resolve) => {
      this.#worker.on('exit', (exitCode) => {
        this.#ended = true;
        this.#waiter?.reject(this.#cause ?? new Error(`the writer thread ended with exit code ${exitCode}`));
        resolve();
      });
    });
  }

  /** Resolves once the thread has opened the file; rejects with the reason when it cannot. */
  static async start(dataDir: string): Promise<EventWriterThread> {
    const thread = new EventWriterThread(dataDir);
    await thread.#answer();
    return thread;
  }

  /** Has it ended, by itself or for want of answers? Then nothing reaches it any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The replies to a batch; rejects when the thread ends before it has answered: whether it committed cannot be told. */
  async commit(appends: readonly Append[]): Promise<readonly AppendReply[]> {
    this.#send({ kind: 'batch', appends });
    const output = await this.#answer();
    if (output.kind !== 'replies') throw new Error(`the writer thread answered a batch with ${output.kind}`);
    return output.replies;
  }

  /** Resolves when the file is closed and the thread has ended. */
  async close(): Promise<void> {
    if (!this.#ended) this.#send({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), ANSWER_MAX_MS);
    await this.#exit;
    clearTimeout(timer);
  }

  #send(input: ThreadInput): void {
    this.#worker.postMessage(input);
  }

  #answer(): Promise<ThreadOutput> {
    return new Promise<ThreadOutput>((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(), ANSWER_MAX_MS);
      const settle =
        <T>(settled: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.#waiter = undefined;
          settled(value);
        };
      this.#waiter = { resolve: settle(resolve), reject: settle(reject) };
    });
  }

  #giveUp(): void {
    this.#ended = true;
    this.#waiter?.reject(new Error(`the writer thread has not answered for ${ANSWER_MAX_MS} ms`));
    void this.#worker.terminate();
  }
}
