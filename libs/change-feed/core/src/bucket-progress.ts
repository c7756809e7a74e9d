import type { AggregateWait } from './aggregate-wait.js';

/** Checkpoints kept while one cannot be saved; in between, newer ones replace each other. */
const PENDING_CHECKPOINTS_MAX = 32;

/** How far one bucket has been handed out, and which of its checkpoints may be saved. */
export class BucketProgress {
  /** Aggregates of the bucket with events that were handed out and are not handled. */
  readonly waits = new Set<AggregateWait>();
  #slice = 0;
  #firstSlice = 1;
  #pending: { readonly slice: number; readonly checkpoint: string }[] = [];

  constructor(readonly bucket: number) {}

  /** The number of the slice that is being handed out. */
  get slice(): number {
    return this.#slice;
  }

  /** The number of the first slice of this turn. */
  get firstSlice(): number {
    return this.#firstSlice;
  }

  beginTurn(): void {
    this.#firstSlice = this.#slice + 1;
  }

  /** The next slice is handed out; everything in it counts as handled unless a wait is marked with its number. */
  advance(checkpoint: string | null): void {
    this.#slice += 1;
    if (checkpoint === null) return;
    if (this.#pending.length === PENDING_CHECKPOINTS_MAX) this.#pending.pop();
    this.#pending.push({ slice: this.#slice, checkpoint });
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** The newest checkpoint with nothing unhandled before it, taken out; undefined when there is no new one. */
  takeSavable(): string | undefined {
    let firstUnhandled = Infinity;
    for (const wait of this.waits) firstUnhandled = Math.min(firstUnhandled, wait.slice);
    let savable: string | undefined;
    while (this.#pending.length > 0 && this.#pending[0]!.slice < firstUnhandled)
      savable = this.#pending.shift()!.checkpoint;
    return savable;
  }
}
