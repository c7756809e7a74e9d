import type { BucketRow } from './group-coordination.js';

/** What an instance wants of the buckets: those that it takes, and those that it asks their owners for. */
export interface BucketPlan {
  readonly take: readonly BucketRow[];
  readonly askFor: readonly BucketRow[];
}

/** What an instance knows when it plans. */
export interface BucketView {
  readonly rows: readonly BucketRow[];
  readonly instanceId: string;
  /** Everybody who lives, this instance included. */
  readonly live: ReadonlySet<string>;
  /** Buckets that nobody alive has owned for so long that the fair share no longer counts. */
  readonly abandoned: ReadonlySet<number>;
}

/**
 * The fair share of each instance is a quota, and the quotas add up to all buckets; a bucket moves only from above a quota
 * or from nobody to below one. So when instances come or go, each bucket moves at most once, straight to where it stays.
 */
export function planBuckets({ rows, instanceId, live, abandoned }: BucketView): BucketPlan {
  const quotas = fairShares([...live].sort(), rows.length);
  const holders = new Map<string, BucketRow[]>();
  const free: BucketRow[] = [];
  for (const row of rows) {
    const holder = row.handoffTo !== null && live.has(row.handoffTo) ? row.handoffTo : row.owner;
    if (row.owner === null || !live.has(row.owner)) free.push(row);
    else holders.set(holder!, [...(holders.get(holder!) ?? []), row]);
  }
  const missing = Math.max(0, quotas.get(instanceId)! - (holders.get(instanceId)?.length ?? 0));
  const own = rotated(free, instanceId, live);
  const take = own.filter((row, index) => index < missing || abandoned.has(row.bucket));
  return { take, askFor: spare(holders, quotas, { instanceId, live }).slice(0, Math.max(0, missing - free.length)) };
}

/** Buckets by instance, in the order of their names: as even as it goes, the first ones have one more. */
function fairShares(sorted: readonly string[], buckets: number): ReadonlyMap<string, number> {
  const whole = Math.floor(buckets / sorted.length);
  const rest = buckets % sorted.length;
  return new Map(sorted.map((instanceId, rank) => [instanceId, whole + (rank < rest ? 1 : 0)]));
}

/** Each instance begins elsewhere, so that several do not run for the same bucket. */
function rotated(free: readonly BucketRow[], instanceId: string, live: ReadonlySet<string>): readonly BucketRow[] {
  const rank = [...live].sort().indexOf(instanceId);
  const start = Math.floor((free.length * rank) / live.size);
  return [...free.slice(start), ...free.slice(0, start)];
}

/** What others hold above their quotas and nobody has asked for, from the one with the most above it. */
function spare(
  holders: ReadonlyMap<string, readonly BucketRow[]>,
  quotas: ReadonlyMap<string, number>,
  { instanceId, live }: Pick<BucketView, 'instanceId' | 'live'>,
): readonly BucketRow[] {
  return [...holders]
    .filter(([holder]) => holder !== instanceId)
    .map(([holder, held]) => ({ held, above: held.length - quotas.get(holder)! }))
    .filter(({ above }) => above > 0)
    .sort((left, right) => right.above - left.above)
    .flatMap(({ held, above }) =>
      held.filter((row) => row.handoffTo === null || !live.has(row.handoffTo)).slice(0, above),
    );
}
