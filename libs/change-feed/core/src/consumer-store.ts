/** Why an aggregate stands still in a consumer group, and from which event on. */
export interface Parking {
  readonly sequenceNumber: number;
  readonly eventType: string;
  /** Stable code of the failure, `unknown-event` for one that a newer build may know. */
  readonly code: string;
  /** The failure in words for people. */
  readonly reason: string;
  /** RFC 3339 UTC. */
  readonly since: string;
}

/** How far one aggregate has come in one consumer group. No row = sequence 0, no state, not parked. */
export interface Position {
  /** Every event up to this one has taken effect, or was skipped by a person. */
  readonly sequence: number;
  /** The handler's own memory of the aggregate: a text that only it reads. */
  readonly state: string | null;
  readonly parked: Parking | null;
}

export interface ParkedAggregate extends Parking {
  readonly aggregateId: string;
}

export interface Checkpoint {
  readonly bucket: number;
  /** The epoch of the owner that saves it: one that owns the bucket no more is refused. */
  readonly epoch: number;
  readonly checkpoint: string;
}

/** One aggregate's step forward: its new position, and what the handler wants written for it. */
export interface Advance<Effect> {
  readonly aggregateId: string;
  readonly bucket: number;
  readonly epoch: number;
  readonly position: Position;
  readonly effects: readonly Effect[];
}

/** The most parked aggregates that {@link ConsumerStore.parked} lists. */
export const PARKED_LISTED_MAX = 1000;

/** A bucket that is owned by somebody else now; nothing of the commit was written. Let go of it and go on with the others. */
export class BucketLostError extends Error {
  readonly code = 'bucket-lost';
  readonly retryable = false;
  constructor(
    readonly bucket: number,
    readonly epoch: number,
  ) {
    super(`bucket ${bucket} is no longer ours (we held epoch ${epoch})`);
    this.name = 'BucketLostError';
  }
}

/** The durable memory of one consumer group: positions, checkpoints, and the effects of its handler. */
export abstract class ConsumerStore<Effect = never> {
  /** The positions of these aggregates; those without a row are absent from the map. */
  abstract positions(aggregateIds: readonly string[]): Promise<ReadonlyMap<string, Position>>;
  /** The newest checkpoint of each bucket that has one. */
  abstract checkpoints(): Promise<ReadonlyMap<number, string>>;
  /**
   * Effects first, then positions, then checkpoints; where the engine can, in one transaction. A position never goes back:
   * an advance that is not beyond the stored sequence changes nothing (a repeat), except that one of the same sequence may
   * park or unpark. Throws {@link BucketLostError} when an epoch is not the bucket's current one, `StoreUnavailableError`
   * when the store cannot be used; the caller repeats the whole commit, or lets go of the bucket.
   */
  abstract commit(advances: readonly Advance<Effect>[], checkpoints: readonly Checkpoint[]): Promise<void>;
  /** The parked aggregates (those of them that are wanted), those parked longest first, at most {@link PARKED_LISTED_MAX}. */
  abstract parked(isWanted?: (parked: ParkedAggregate) => boolean): Promise<readonly ParkedAggregate[]>;
  abstract parkedCount(): Promise<number>;
  abstract close(): Promise<void>;
}
