/** A cached state of one aggregate at one version: disposable, never the truth. */
export interface Snapshot {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** The version of the stream that the state stands for: it folds this many events. */
  readonly sequenceNumber: number;
  /** Schema version of the state. */
  readonly snapshotVersion: number;
  /** JSON text of the state. */
  readonly snapshotData: string;
  readonly createdAt: string;
  /** SHA-256 (hex) over the other columns: a damaged snapshot is recognised and ignored. */
  readonly hash: string;
}

/** How many snapshots an aggregate keeps: the newest may be broken, or newer than the version that is asked for. */
export const SNAPSHOTS_KEPT = 3;

/** Snapshots of aggregates. Losing one, or all, costs time and nothing else: callers go on without when a call fails. */
export abstract class SnapshotStore {
  /** The aggregate's snapshots up to `maxVersion`, newest first; at most {@link SNAPSHOTS_KEPT}. */
  abstract newest(aggregateId: string, maxVersion: number): Promise<readonly Snapshot[]>;
  /** Keeps `snapshot` and forgets those beyond the newest {@link SNAPSHOTS_KEPT}. */
  abstract save(snapshot: Snapshot): Promise<void>;
  /** Forgets all but the newest `keep` of every aggregate; returns how many were deleted. */
  abstract prune(keep: number): Promise<number>;
  /** Frees what is held. Let running calls end first. */
  abstract close(): Promise<void>;
}
