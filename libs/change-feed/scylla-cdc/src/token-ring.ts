import { halvesOf, type TokenHalves } from './murmur3.js';

/** The smallest and the largest token of the ring. */
export const TOKEN_MIN = -(1n << 63n);
export const TOKEN_MAX = (1n << 63n) - 1n;

/** The part of the ring from `after` (exclusive) to `upTo` (inclusive). With `after` ≥ `upTo` it goes over the end; equal: all. */
export interface TokenRange {
  readonly after: bigint;
  readonly upTo: bigint;
}

/** The most buckets: a token's slice is computed in doubles, exact up to here. */
export const BUCKETS_MAX = 1 << 20;

/**
 * The bucket of a token: the ring is cut into `buckets` slices of equal length, so a partition key stays in its bucket for
 * ever, whatever streams the log has. floor((token + 2^63) × buckets / 2^64), without BigInt.
 */
export function bucketOfToken({ high, low }: TokenHalves, buckets: number): number {
  const unsignedHigh = high + 0x80000000;
  return Math.floor((unsignedHigh * buckets + Math.floor((low * buckets) / 0x100000000)) / 0x100000000);
}

/** The buckets that share at least one token with a range. */
export function bucketsOfRange({ after, upTo }: TokenRange, buckets: number): readonly number[] {
  if (after === upTo) return Array.from({ length: buckets }, (_, bucket) => bucket);
  const first = bucketOfToken(halvesOf(after === TOKEN_MAX ? TOKEN_MIN : after + 1n), buckets);
  const last = bucketOfToken(halvesOf(upTo), buckets);
  const wraps = after > upTo && after !== TOKEN_MAX;
  const found: number[] = [];
  for (let bucket = first; bucket < (wraps ? buckets : last + 1); bucket += 1) found.push(bucket);
  for (let bucket = 0; wraps && bucket <= last; bucket += 1) if (bucket < first) found.push(bucket);
  return found;
}

/** The ranges that end at these tokens, in the order of the ring; each begins where the one before it ends, the first at the last. */
export function rangesEndingAt(ends: readonly bigint[]): readonly TokenRange[] {
  return ends.map((upTo, index) => ({ after: ends.at(index - 1) ?? upTo, upTo }));
}
