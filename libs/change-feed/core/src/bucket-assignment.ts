import type { BucketCoordinator } from './bucket-coordinator.js';
import type { FeedReader } from './change-feed.js';
import type { ConsumerStore } from './consumer-store.js';
import type { Sequencer } from './sequencer.js';

/** What a {@link BucketAssignment} brings together. */
export interface BucketAssignmentOptions {
  readonly coordinator: BucketCoordinator;
  readonly reader: FeedReader;
  readonly sequencer: Sequencer;
  readonly store: Pick<ConsumerStore<unknown>, 'checkpoints'>;
}

/**
 * The buckets that are being worked on, each in the epoch in which it was taken. What the coordinator holds changes at any
 * time; this changes only when the worker says so, with everything committed.
 */
export class BucketAssignment {
  readonly #assigned = new Map<number, number>();

  constructor(private readonly options: BucketAssignmentOptions) {}

  get size(): number {
    return this.#assigned.size;
  }

  has(bucket: number): boolean {
    return this.#assigned.has(bucket);
  }

  /** The buckets that may be written for now: held still, in the epoch in which they were assigned, by an instance that beats. */
  writable(): ReadonlyMap<number, number> {
    const { coordinator } = this.options;
    if (!coordinator.mayWrite()) return new Map();
    return new Map([...this.#assigned].filter(([bucket, epoch]) => coordinator.held.get(bucket) === epoch));
  }

  /** Lets go of what is not held any more or is to leave, and begins with what was taken, at its checkpoint. Returns the latter. */
  async follow(): Promise<ReadonlySet<number>> {
    const { coordinator } = this.options;
    const gone = [...this.#assigned].filter(
      ([bucket, epoch]) => coordinator.held.get(bucket) !== epoch || coordinator.isLeaving(bucket),
    );
    if (gone.length > 0) this.#letGo(new Set(gone.map(([bucket]) => bucket)));
    const taken = [...coordinator.held].filter(([bucket]) => !this.has(bucket) && !coordinator.isLeaving(bucket));
    if (taken.length > 0) await this.#beginWith(taken);
    return new Set(taken.map(([bucket]) => bucket).filter((bucket) => this.has(bucket)));
  }

  async #beginWith(taken: readonly (readonly [bucket: number, epoch: number])[]): Promise<void> {
    const { coordinator, reader, sequencer, store } = this.options;
    const checkpoints = await store.checkpoints();
    for (const [bucket, epoch] of taken) {
      if (coordinator.held.get(bucket) !== epoch) continue;
      reader.assign(bucket, checkpoints.get(bucket) ?? null);
      sequencer.open(bucket);
      this.#assigned.set(bucket, epoch);
    }
  }

  #letGo(buckets: ReadonlySet<number>): void {
    const { coordinator, reader, sequencer } = this.options;
    sequencer.close(buckets);
    for (const bucket of buckets) {
      reader.revoke(bucket);
      this.#assigned.delete(bucket);
      coordinator.drained(bucket);
    }
  }
}
