import { SNAPSHOTS_KEPT, SnapshotStore, type Snapshot } from './snapshot-store.js';

/** Snapshots as the port means them, in the memory of one process: the reference, and a stand-in for specs. */
export class InMemorySnapshotStore extends SnapshotStore {
  /** By aggregate, newest first. */
  readonly #snapshots = new Map<string, readonly Snapshot[]>();

  override async newest(aggregateId: string, maxVersion: number): Promise<readonly Snapshot[]> {
    const snapshots = this.#snapshots.get(aggregateId) ?? [];
    return snapshots.filter(({ sequenceNumber }) => sequenceNumber <= maxVersion);
  }

  override async save(snapshot: Snapshot): Promise<void> {
    const others = (this.#snapshots.get(snapshot.aggregateId) ?? []).filter(
      ({ sequenceNumber }) => sequenceNumber !== snapshot.sequenceNumber,
    );
    const newestFirst = [...others, snapshot].sort((left, right) => right.sequenceNumber - left.sequenceNumber);
    this.#snapshots.set(snapshot.aggregateId, newestFirst.slice(0, SNAPSHOTS_KEPT));
  }

  override async prune(keep: number): Promise<number> {
    let deleted = 0;
    for (const [aggregateId, snapshots] of this.#snapshots) {
      this.#snapshots.set(aggregateId, snapshots.slice(0, keep));
      deleted += Math.max(0, snapshots.length - keep);
    }
    return deleted;
  }

  override async close(): Promise<void> {
    this.#snapshots.clear();
  }
}
