import { TOKEN_MIN, murmur3Token } from '@chronicle/cql';
import { bucketOfKey } from '@chronicle/scylla-cdc';
import { uuidBytes } from '@chronicle/seams';

/** Fixed for the life of all checkpoints. */
export const BUCKET_COUNT = 32;

const KEY = [{ name: 'aggregate_id', type: 'uuid' }];
const BUCKET_TOKENS = 2n ** 64n / BigInt(BUCKET_COUNT);

/** The bucket of an aggregate, the one in which the log's reader hands out its changes. */
export function bucketOf(aggregateId: string): number {
  return bucketOfKey({ aggregate_id: aggregateId }, KEY, BUCKET_COUNT);
}

/** The token of an aggregate, by which tables are ordered on the ring. */
export function tokenOf(aggregateId: string): bigint {
  return murmur3Token(uuidBytes(aggregateId));
}

/** A part of the token ring. */
export interface TokenSlice {
  /** The token before its first. */
  readonly after: bigint;
  readonly upTo: bigint;
}

/** The tokens of a bucket. The smallest token is nobody's: the database replaces it by the largest. */
export function tokensOf(bucket: number): TokenSlice {
  const begin = TOKEN_MIN + BigInt(bucket) * BUCKET_TOKENS;
  return { after: bucket === 0 ? begin : begin - 1n, upTo: begin + BUCKET_TOKENS - 1n };
}
