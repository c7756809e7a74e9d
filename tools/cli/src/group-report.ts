import type { GroupStatus } from '@chronicle/change-feed-core';
import type { Clock } from '@chronicle/seams';
import { GROUPS } from './groups.js';
import { openGroup, withStored, type OpenGroup } from './open-parts.js';
import type { SystemLocation } from './system-location.js';

/** One bucket of a consumer group: who works on it, and how far it has come. */
export interface BucketReport {
  readonly bucket: number;
  readonly owner: string | null;
  readonly epoch: number;
  readonly checkpoint: string | null;
}

/** Where a consumer group stands. */
export interface GroupReport {
  readonly group: string;
  /** False: no worker of the group has ever run on this data. */
  readonly started: boolean;
  readonly paused: boolean;
  readonly lag: GroupStatus['lag'];
  readonly parked: number;
  /** Instances that have not left the group; one that was killed stays until another one notices. */
  readonly instances: readonly string[];
  readonly buckets: readonly BucketReport[];
}

/** Every group of the system. */
export function readGroups(location: SystemLocation, clock: Clock): Promise<GroupReport[]> {
  return withStored(location, async (engine) => {
    const feed = await engine.changeFeed();
    const lagBehind = async (checkpoints: ReadonlyMap<number, string | null>) => {
      const { events, oldest } = await feed.lag(checkpoints);
      return { events, ms: oldest === null ? 0 : Math.max(0, clock.now() - Date.parse(oldest)) };
    };
    const reports: GroupReport[] = [];
    for (const group of GROUPS) {
      const open = await openGroup(engine, group);
      const report = open && (await readGroup(group.group, open, lagBehind));
      const nothing = { started: false, paused: false, parked: 0, instances: [], buckets: [] };
      reports.push(report ?? { group: group.group, ...nothing, lag: await lagBehind(new Map()) });
    }
    return reports;
  });
}

async function readGroup(
  group: string,
  { store, coordination }: OpenGroup,
  lagBehind: (checkpoints: ReadonlyMap<number, string | null>) => Promise<GroupStatus['lag']>,
): Promise<GroupReport> {
  const [{ paused }, instances, buckets] = await Promise.all([
    coordination.control(),
    coordination.instances(),
    coordination.buckets(),
  ]);
  const checkpoints = await store.checkpoints();
  return {
    group,
    started: true,
    paused,
    lag: await lagBehind(checkpoints),
    parked: await store.parkedCount(),
    instances: instances.filter(({ ended }) => !ended).map(({ instanceId }) => instanceId),
    buckets: buckets.map(({ bucket, owner, epoch }) => ({
      ...{ bucket, owner, epoch },
      checkpoint: checkpoints.get(bucket) ?? null,
    })),
  };
}
