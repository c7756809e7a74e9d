import { timestampText, type Clock } from '@chronicle/seams';
import { sealSnapshot } from './snapshot-seal.js';
import type { SnapshotStore } from './snapshot-store.js';

export interface SnapshotWriterOptions {
  readonly aggregate: { readonly aggregateType: string; readonly snapshotVersion: number };
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly settings: { readonly snapshotEvery: number; readonly snapshotWritesMax: number };
  readonly onSnapshotFailure?: (error: unknown) => void;
}

/**
 * Writes snapshots in the background, one at a time for an aggregate. What comes due while one is under way, or too many are,
 * is left out: the next multiple of the interval brings another.
 */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  readonly #writes = new Map<string, Promise<void>>();

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  /**
   * Begins to write `state` if its stream has reached or passed a multiple of the interval since `versionBefore`. `timestamp`
   * is that of the last event in it.
   */
  saveIfDue(aggregateId: string, state: { readonly version: number }, versionBefore: number, timestamp: string): void {
    const { snapshotEvery, snapshotWritesMax } = this.#options.settings;
    const intervals = (version: number) => Math.floor(version / snapshotEvery);
    if (intervals(state.version) === intervals(versionBefore)) return;
    if (this.#writes.has(aggregateId) || this.#writes.size >= snapshotWritesMax) return;
    const write = this.#save(aggregateId, state, timestamp)
      .catch((error: unknown) => this.#options.onSnapshotFailure?.(error))
      .finally(() => this.#writes.delete(aggregateId));
    this.#writes.set(aggregateId, write);
  }

  /** Resolves when the snapshots under way are written, or have failed. */
  async idle(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  async #save(aggregateId: string, state: { readonly version: number }, timestamp: string): Promise<void> {
    const { aggregate, clock, snapshots } = this.#options;
    await clock.sleep(0); // the command's answer goes first
    const now = timestampText(clock.now());
    const snapshot = sealSnapshot({
      aggregateId,
      aggregateType: aggregate.aggregateType,
      sequenceNumber: state.version,
      snapshotVersion: aggregate.snapshotVersion,
      snapshotData: JSON.stringify(state),
      createdAt: now > timestamp ? now : timestamp, // never before the events in it, whatever the clock says
    });
    await snapshots.save(snapshot);
  }
}
