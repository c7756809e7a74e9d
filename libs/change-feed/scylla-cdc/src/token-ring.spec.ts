import { halvesOf } from './murmur3.js';
import { bucketOfToken, bucketsOfRange, rangesEndingAt } from './token-ring.js';

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

describe('buckets of the token ring', () => {
  it.each([1, 3, 7, 32, 1000])('cut it into %i equal slices, exactly', (buckets) => {
    const exact = (token: bigint) => Number(((token - LEAST) * BigInt(buckets)) >> 64n);
    const edges = Array.from(
      { length: buckets },
      (_, bucket) => LEAST + ((BigInt(bucket) << 64n) + BigInt(buckets) - 1n) / BigInt(buckets),
    );
    for (const token of [LEAST, GREATEST, 0n, -1n, ...edges.flatMap((edge) => [edge - 1n, edge, edge + 1n])]) {
      if (token >= LEAST && token <= GREATEST) expect(bucketOfToken(halvesOf(token), buckets)).toBe(exact(token));
    }
  });

  it('read the ranges that overlap them, also the one that goes over the end of the ring', () => {
    expect(bucketsOfRange({ after: LEAST, upTo: -1n }, 4)).toEqual([0, 1]);
    expect(bucketsOfRange({ after: -1n, upTo: 0n }, 4)).toEqual([2]);
    expect(bucketsOfRange({ after: 5n, upTo: GREATEST }, 4)).toEqual([2, 3]);
    expect(bucketsOfRange({ after: 2n ** 62n, upTo: LEAST + 1n }, 4)).toEqual([3, 0]);
    expect(bucketsOfRange({ after: GREATEST, upTo: -1n }, 4)).toEqual([0, 1]);
    expect(bucketsOfRange({ after: 10n, upTo: 5n }, 4)).toEqual([2, 3, 0, 1]);
    expect(bucketsOfRange({ after: GREATEST, upTo: GREATEST }, 4)).toEqual([0, 1, 2, 3]);
  });

  it('begin where the range before ends', () => {
    expect(rangesEndingAt([-5n, 0n, 9n])).toEqual([
      { after: 9n, upTo: -5n },
      { after: -5n, upTo: 0n },
      { after: 0n, upTo: 9n },
    ]);
  });
});
