import type { BucketRow, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { openConsumerStore, openGroupCoordination } from '@chronicle/engine';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { systemClock } from '@chronicle/seams';
import type { SystemLocation } from '@chronicle/tool-cli';

const SAMPLE_EVERY_MS = 100;
const VIOLATIONS_MAX = 100;

interface BucketSeen {
  readonly owner: string | null;
  readonly epoch: number;
  readonly place: number;
}

/**
 * What one consumer group's buckets looked like, sample after sample: within an epoch one owner, epochs that grow, and checkpoints
 * that never go back. On the embedded engine checkpoints are positions in one log, and a new owner begins at the stored one:
 * they must not go back from epoch to epoch either.
 */
export class GroupOwnership {
  readonly violations: string[] = [];
  /** Buckets seen. */
  samples = 0;
  private readonly seen = new Map<number, BucketSeen>();

  constructor(readonly group: string) {}

  /** `checkpoints` were read between `before` and `after`: they are of an epoch when it was the same in both. */
  sample(before: readonly BucketRow[], checkpoints: ReadonlyMap<number, string>, after: readonly BucketRow[]): void {
    for (const row of after) {
      if (before[row.bucket]!.epoch !== row.epoch) continue;
      this.samples += 1;
      this.compare(row, Number(checkpoints.get(row.bucket) ?? 0));
    }
  }

  private compare({ bucket, owner, epoch }: BucketRow, place: number): void {
    const last = this.seen.get(bucket);
    const now = `bucket ${bucket} of ${this.group} in epoch ${epoch}`;
    if (last && epoch < last.epoch) this.found(`${now}: was in epoch ${last.epoch} before`);
    if (last?.epoch === epoch && last.owner !== owner) this.found(`${now}: owner ${owner} after ${last.owner}`);
    if (last && place < last.place)
      this.found(`${now}: checkpoint ${place} after ${last.place} in epoch ${last.epoch}`);
    this.seen.set(bucket, { owner, epoch, place });
  }

  private found(violation: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(violation);
  }
}

interface OpenGroup {
  readonly ownership: GroupOwnership;
  readonly coordination: GroupCoordination;
  readonly store: ConsumerStore;
}

/** Looks at owners, epochs and checkpoints of consumer groups through the ports, for as long as the run lasts. */
export class OwnershipSampler {
  private readonly working: Promise<void>;
  private stopping = false;

  private constructor(
    private readonly groups: readonly OpenGroup[],
    /** How many buckets each group shares out. */
    readonly bucketCount: number,
  ) {
    this.working = this.work();
  }

  static async start(location: SystemLocation, groups: readonly string[]): Promise<OwnershipSampler> {
    const opening = groups.map(async (group) => ({
      ownership: new GroupOwnership(group),
      coordination: await openGroupCoordination(location, { group }, systemClock),
      store: await openConsumerStore(location, { group }),
    }));
    const open = await Promise.all(opening);
    return new OwnershipSampler(open, (await open[0]!.coordination.buckets()).length);
  }

  get ownerships(): readonly GroupOwnership[] {
    return this.groups.map(({ ownership }) => ownership);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
    for (const { coordination, store } of this.groups) {
      await coordination.close();
      await store.close();
    }
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      for (const group of this.groups) await sample(group);
      await systemClock.sleep(SAMPLE_EVERY_MS);
    }
  }
}

async function sample({ ownership, coordination, store }: OpenGroup): Promise<void> {
  try {
    const before = await coordination.buckets();
    const checkpoints = await store.checkpoints();
    ownership.sample(before, checkpoints, await coordination.buckets());
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error; // somebody was stopped while he held the lock
  }
}
