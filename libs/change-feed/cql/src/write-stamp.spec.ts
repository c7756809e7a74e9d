import { ownerStamp, sequenceStamp } from './write-stamp.js';

/** ScyllaDB refuses timestamps that are further ahead. */
const AHEAD_MAX_MICROS = 3n * 86_400_000_000n;
/** Ten years of a bucket that changes its owner every fourteen minutes. */
const EPOCH = 375_000;
const COUNT_MAX = 2 ** 32 - 1;

describe('a stamp', () => {
  it('given the epochs of years, then it is not further ahead than ScyllaDB takes', () => {
    const startOf2026 = BigInt(Date.UTC(2026)) * 1000n;
    expect(ownerStamp(EPOCH, COUNT_MAX)).toBeLessThan(startOf2026 + AHEAD_MAX_MICROS);
  });

  it('of a later owner is greater than any of an earlier one', () => {
    expect(ownerStamp(8, 0)).toBeGreaterThan(ownerStamp(7, COUNT_MAX));
    expect(ownerStamp(7, 2)).toBeGreaterThan(ownerStamp(7, 1));
  });

  it('of a healed table is greater than any of it before', () => {
    expect(sequenceStamp(1, 0)).toBeGreaterThan(sequenceStamp(0, COUNT_MAX));
    expect(sequenceStamp(1, 6)).toBeGreaterThan(sequenceStamp(1, 5));
  });
});
