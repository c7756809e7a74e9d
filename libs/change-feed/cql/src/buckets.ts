import { murmur3Token, ringSlices, type RingSlice } from '@chronicle/cql';
import { bucketOfKey } from '@chronicle/scylla-cdc';
import { uuidBytes } from '@chronicle/seams';

/** Fixed for the life of all checkpoints. */
export const BUCKET_COUNT = 32;

const KEY = [{ name: 'aggregate_id', type: 'uuid' }];
const SLICES = ringSlices(BUCKET_COUNT);

/** The bucket of an aggregate, the one in which the log's reader hands out its changes. */
export function bucketOf(aggregateId: string): number {
  return bucketOfKey({ aggregate_id: aggregateId }, KEY, BUCKET_COUNT);
}

/** The token of an aggregate, by which tables are ordered on the ring. */
export function tokenOf(aggregateId: string): bigint {
  return murmur3Token(uuidBytes(aggregateId));
}

/** The tokens of a bucket. */
export function tokensOf(bucket: number): RingSlice {
  return SLICES[bucket]!;
}
