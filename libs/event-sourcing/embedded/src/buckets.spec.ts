import { BUCKET_COUNT, bucketOf } from './buckets.js';
import { seededEntropy, systemClock, uuidV7 } from '@chronicle/seams';

describe('bucketOf', () => {
  it('is FNV-1a, which must never change: aggregates would move to buckets that are past them', () => {
    expect(bucketOf('')).toBe(0x811c9dc5 % 32);
    expect(bucketOf('a')).toBe(0xe40c292c % 32);
    expect(bucketOf('foobar')).toBe(0xbf9cf968 % 32);
  });

  it('does not depend on the case of an id', () => {
    expect(bucketOf('0189ABCD-0000-7000-8000-00000000000F')).toBe(bucketOf('0189abcd-0000-7000-8000-00000000000f'));
  });

  it('spreads ids made one after another over all buckets', () => {
    const entropy = seededEntropy(1);
    const counts = new Array<number>(BUCKET_COUNT).fill(0);
    for (let index = 0; index < 32_000; index += 1) counts[bucketOf(uuidV7(systemClock, entropy))]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1200);
  });
});
