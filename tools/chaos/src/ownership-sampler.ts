import type { BucketRow, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { openEngine, type Engine, type EngineConfig } from '@chronicle/engine';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { checkpointRuleOf } from './checkpoint-rule.js';
import type { CheckpointRule } from './checkpoint-rule.js';

const SAMPLE_EVERY_MS = 100;
const VIOLATIONS_MAX = 100;

interface BucketSeen {
  readonly owner: string | null;
  readonly epoch: number;
  /** Undefined: none was saved yet. */
  readonly checkpoint: string | undefined;
}

/**
 * What one consumer group's buckets looked like, sample after sample: within an epoch one owner, epochs that grow, and checkpoints
 * that never go back, as far as the engine's {@link CheckpointRule} forbids it.
 */
export class GroupOwnership {
  readonly violations: string[] = [];
  /** Buckets seen. */
  samples = 0;
  private readonly seen = new Map<number, BucketSeen>();

  constructor(
    readonly group: string,
    private readonly rule: CheckpointRule,
  ) {}

  /** `checkpoints` were read between `before` and `after`: they are of an epoch when it was the same in both. */
  sample(before: readonly BucketRow[], checkpoints: ReadonlyMap<number, string>, after: readonly BucketRow[]): void {
    for (const row of after) {
      if (before[row.bucket]!.epoch !== row.epoch) continue;
      this.samples += 1;
      this.compare(row, checkpoints.get(row.bucket));
    }
  }

  private compare({ bucket, owner, epoch }: BucketRow, checkpoint: string | undefined): void {
    const last = this.seen.get(bucket);
    const now = `bucket ${bucket} of ${this.group} in epoch ${epoch}`;
    if (last && epoch < last.epoch) this.found(`${now}: was in epoch ${last.epoch} before`);
    if (last?.epoch === epoch && last.owner !== owner) this.found(`${now}: owner ${owner} after ${last.owner}`);
    if (last && this.hasGoneBack(last, epoch, checkpoint))
      this.found(`${now}: checkpoint ${checkpoint} after ${last.checkpoint} in epoch ${last.epoch}`);
    this.seen.set(bucket, { owner, epoch, checkpoint });
  }

  private hasGoneBack(last: BucketSeen, epoch: number, checkpoint: string | undefined): boolean {
    if (last.checkpoint === undefined || (last.epoch !== epoch && !this.rule.growsForEver)) return false;
    return checkpoint === undefined || this.rule.isBehind(checkpoint, last.checkpoint);
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
    private readonly engine: Engine,
    private readonly groups: readonly OpenGroup[],
    /** How many buckets each group shares out. */
    readonly bucketCount: number,
  ) {
    this.working = this.work();
  }

  static async start(config: EngineConfig, groups: readonly string[]): Promise<OwnershipSampler> {
    const engine = await openEngine(config, { clock: systemClock, entropy: systemEntropy });
    const rule = checkpointRuleOf(config);
    const opening = groups.map(async (group) => ({
      ownership: new GroupOwnership(group, rule),
      coordination: await engine.groupCoordination({ group }),
      store: await engine.consumerStore({ group }),
    }));
    const open = await Promise.all(opening);
    return new OwnershipSampler(engine, open, (await open[0]!.coordination.buckets()).length);
  }

  get ownerships(): readonly GroupOwnership[] {
    return this.groups.map(({ ownership }) => ownership);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
    await this.engine.close();
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
    if (!(error instanceof StoreUnavailableError)) throw error; // the database is down, or somebody was stopped while he held its lock
  }
}
