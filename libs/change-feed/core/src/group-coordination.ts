/** One running process of a consumer group. */
export interface Instance {
  readonly instanceId: string;
  /** Moves with every heartbeat; an observer who saw it stand still for long enough takes the instance for dead. */
  readonly beat: number;
  /** The revision of the group's control row that it acts on. */
  readonly controlRevision: number;
}

/** An instance as others see it. */
export interface SeenInstance extends Instance {
  /** The engine knows that the process has ended (its process id is gone). False: it runs, or nobody can tell. */
  readonly ended: boolean;
}

/** Who owns a bucket. */
export interface BucketRow {
  readonly bucket: number;
  /** null: free. */
  readonly owner: string | null;
  /** Grows with every owner. */
  readonly epoch: number;
  /** The instance that asked for it. */
  readonly handoffTo: string | null;
}

export type BucketClaim =
  | { readonly outcome: 'claimed'; readonly epoch: number }
  | { readonly outcome: 'held-by-other'; readonly row: BucketRow }
  | { readonly outcome: 'unknown'; readonly cause: unknown };

/** The group's switch. */
export interface GroupControl {
  readonly paused: boolean;
  /** Grows with every change. */
  readonly revision: number;
}

/** A person's order for one parked aggregate, carried out by the owner of its bucket. */
export interface AdminAction {
  readonly actionId: string;
  readonly kind: 'redrive' | 'skip';
  readonly aggregateId: string;
  readonly bucket: number;
  /** The event that the aggregate was parked at when this was asked for: no other one may be skipped. */
  readonly sequenceNumber: number;
  /** Why it is skipped; null for redrive. */
  readonly reason: string | null;
  readonly userId: string | null;
  readonly requestedAt: string;
}

export type ActionResult = 'done' | 'not-parked';

/** Instances, bucket ownership and control of one consumer group, shared by its replicas. Throws `StoreUnavailableError`. */
export abstract class GroupCoordination {
  /** Writes the instance's row with its next beat. */
  abstract beat(instance: Instance): Promise<void>;
  abstract instances(): Promise<readonly SeenInstance[]>;
  /** Removes an instance that ended, or that was seen dead. */
  abstract remove(instanceId: string): Promise<void>;

  /** All buckets 0..bucketCount−1, in order. */
  abstract buckets(): Promise<readonly BucketRow[]>;
  /** Takes a bucket if its row is still `seen`: free, or owned by an instance that is dead, or by `instanceId` itself. The epoch grows. */
  abstract take(seen: BucketRow, instanceId: string): Promise<BucketClaim>;
  /** Asks the owner for a bucket if its row is still `seen`. False: it has changed. */
  abstract askFor(seen: BucketRow, instanceId: string): Promise<boolean>;
  /**
   * Gives a bucket up if `instanceId` still owns it in `epoch`, else changes nothing. To `heir`: it owns the bucket from now
   * on, in the next epoch, and learns of it by reading. To nobody: it is free.
   */
  abstract release(bucket: number, epoch: number, instanceId: string, heir: string | null): Promise<void>;

  abstract control(): Promise<GroupControl>;
  /** Pauses or resumes the group; returns the control after it. Repeating changes nothing. */
  abstract setPaused(paused: boolean): Promise<GroupControl>;

  abstract request(action: AdminAction): Promise<void>;
  /** Actions not carried out yet, oldest first, at most 100. */
  abstract pendingActions(): Promise<readonly AdminAction[]>;
  /** Records the result of a pending action; a result that is there stays. */
  abstract complete(actionId: string, result: ActionResult): Promise<void>;
  /** The result of an action, undefined while it is pending. Kept for at least a minute. */
  abstract actionResult(actionId: string): Promise<ActionResult | undefined>;
  abstract close(): Promise<void>;
}
