import type { Micros } from './cdc-time.js';
import type { GroupDefect } from './errors.js';
import type { ReadableGeneration } from './generation-timeline.js';
import type { RawGroup } from './log-group.js';
import { murmur3 } from './murmur3.js';
import type { PassPlan } from './pass-plan.js';
import type { LogTable } from './reader-tools.js';
import { bucketOfToken } from './token-ring.js';

/** Where a log group belongs, and what is wrong with it. */
export interface PlacedGroup {
  readonly bucket: number;
  readonly defect: GroupDefect | undefined;
}

/** The bucket of a group; a group that is not of its stream goes to the stream's own. */
export function placeGroup(
  group: RawGroup,
  { generation, end }: ReadableGeneration,
  { partitionKeyBytes }: LogTable,
  buckets: number,
): PlacedGroup {
  const { defect } = group;
  const row = group.rows[0];
  if (!partitionKeyBytes || !row) return { bucket: 0, defect };
  const token = murmur3(partitionKeyBytes(row));
  const stream = generation.stream(group.stream);
  const ofGeneration = group.micros >= generation.begin && (end === undefined || group.micros < end);
  if (stream && ofGeneration && !stream.holds(token)) return { bucket: stream.home, defect: defect ?? 'misplaced' };
  return { bucket: bucketOfToken(token, buckets), defect };
}

/** Whether a pass takes a group: not what lies before the bucket's begin, nor what is broken and may only be half visible yet. */
export function isDue(
  { micros }: RawGroup,
  { defect }: PlacedGroup,
  from: Micros,
  { settledBefore }: PassPlan,
): boolean {
  return micros >= from && (defect === undefined || micros < settledBefore);
}

/** By it a bucket knows what it has handed out. A group that has a defect is another one than the whole it may become. */
export function groupKey({ stream, time }: RawGroup, { defect }: PlacedGroup): string {
  return stream + time.toString('latin1') + (defect ?? '');
}
