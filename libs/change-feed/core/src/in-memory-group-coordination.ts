import { GroupCoordination } from './group-coordination.js';
import type {
  ActionResult,
  AdminAction,
  BucketClaim,
  BucketRow,
  GroupControl,
  Instance,
  SeenInstance,
} from './group-coordination.js';

const PENDING_ACTIONS_MAX = 100;

/**
 * The coordination of a consumer group as the port means it, in the memory of one process: the reference that others are
 * compared with, and a stand-in for specs.
 */
export class InMemoryGroupCoordination extends GroupCoordination {
  readonly #rows: BucketRow[];
  readonly #instances = new Map<string, Instance>();
  readonly #ended = new Set<string>();
  readonly #actions = new Map<string, AdminAction>();
  readonly #results = new Map<string, ActionResult>();
  #control: GroupControl = { paused: false, revision: 0 };

  constructor(bucketCount = 32) {
    super();
    this.#rows = Array.from({ length: bucketCount }, (_, bucket) => ({
      bucket,
      owner: null,
      epoch: 0,
      handoffTo: null,
    }));
  }

  /** The epoch that a commit must carry. */
  epochOf(bucket: number): number {
    return this.#rows[bucket]!.epoch;
  }

  /** From now on the instance is known to have ended, as on an engine that can tell. */
  end(instanceId: string): void {
    this.#ended.add(instanceId);
  }

  async beat(instance: Instance): Promise<void> {
    this.#instances.set(instance.instanceId, instance);
  }

  async instances(): Promise<readonly SeenInstance[]> {
    return [...this.#instances.values()].map((instance) => ({
      ...instance,
      ended: this.#ended.has(instance.instanceId),
    }));
  }

  async remove(instanceId: string): Promise<void> {
    this.#instances.delete(instanceId);
  }

  async buckets(): Promise<readonly BucketRow[]> {
    return [...this.#rows];
  }

  async take(seen: BucketRow, instanceId: string): Promise<BucketClaim> {
    const row = this.#rows[seen.bucket]!;
    if (row.owner !== seen.owner || row.epoch !== seen.epoch) return { outcome: 'held-by-other', row };
    this.#rows[row.bucket] = { bucket: row.bucket, owner: instanceId, epoch: row.epoch + 1, handoffTo: null };
    return { outcome: 'claimed', epoch: row.epoch + 1 };
  }

  async askFor(seen: BucketRow, instanceId: string): Promise<boolean> {
    const row = this.#rows[seen.bucket]!;
    if (row.owner !== seen.owner || row.epoch !== seen.epoch || row.handoffTo !== seen.handoffTo) return false;
    this.#rows[row.bucket] = { ...row, handoffTo: instanceId };
    return true;
  }

  async release(bucket: number, epoch: number, instanceId: string, heir: string | null): Promise<void> {
    const row = this.#rows[bucket]!;
    if (row.owner !== instanceId || row.epoch !== epoch) return;
    this.#rows[bucket] = { bucket, owner: heir, epoch: epoch + 1, handoffTo: null };
  }

  async control(): Promise<GroupControl> {
    return this.#control;
  }

  async setPaused(paused: boolean): Promise<GroupControl> {
    if (paused !== this.#control.paused) this.#control = { paused, revision: this.#control.revision + 1 };
    return this.#control;
  }

  async request(action: AdminAction): Promise<void> {
    this.#actions.set(action.actionId, action);
  }

  async pendingActions(): Promise<readonly AdminAction[]> {
    const pending = [...this.#actions.values()].filter(({ actionId }) => !this.#results.has(actionId));
    return pending.slice(0, PENDING_ACTIONS_MAX);
  }

  async complete(actionId: string, result: ActionResult): Promise<void> {
    if (this.#actions.has(actionId) && !this.#results.has(actionId)) this.#results.set(actionId, result);
  }

  async actionResult(actionId: string): Promise<ActionResult | undefined> {
    return this.#results.get(actionId);
  }

  async close(): Promise<void> {
    this.#instances.clear();
  }
}
