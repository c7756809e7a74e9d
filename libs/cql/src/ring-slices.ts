import { TOKEN_MAX, TOKEN_MIN } from '@chronicle/scylla-cdc';

/** A piece of the token ring: after `after`, up to and with `upTo`. */
export interface RingSlice {
  readonly after: bigint;
  readonly upTo: bigint;
}

/** The whole ring in so many pieces. The smallest token is nobody's: the database replaces it by the largest. */
export function ringSlices(count: number): readonly RingSlice[] {
  const bound = (index: number) => TOKEN_MIN + ((TOKEN_MAX - TOKEN_MIN) * BigInt(index)) / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({ after: bound(index), upTo: bound(index + 1) }));
}
