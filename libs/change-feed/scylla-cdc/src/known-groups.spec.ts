import { KnownGroups } from './known-groups.js';
import { SliceDigest } from './slice-digest.js';

const second = (n: number) => BigInt(n) * 1_000_000n;

describe('known groups', () => {
  it('drop what was handed out, until it cannot be read again', () => {
    const known = new KnownGroups(100);
    expect([known.add('a', second(1)), known.add('a', second(1)), known.add('b', second(1))]).toEqual([
      true,
      false,
      true,
    ]);
    known.forgetBefore(second(2));
    expect(known.add('a', second(1))).toBe(true);
  });

  it('forget the older half when there are too many, and still know the newest', () => {
    const known = new KnownGroups(3);
    for (const n of [4, 1, 3, 2]) known.add(`k${n}`, second(n));
    expect([known.add('k4', second(4)), known.add('k1', second(1))]).toEqual([false, true]);
  });
});

describe('digests of slices', () => {
  const digestOf = (...keys: string[]) => {
    const digest = new SliceDigest();
    for (const key of keys) digest.add(key);
    return digest;
  };

  it('are equal for the same groups in any order, and for no others', () => {
    expect(digestOf('a', 'b').equals(digestOf('b', 'a'))).toBe(true);
    expect(digestOf('a').equals(digestOf('a', 'b'))).toBe(false);
    expect(digestOf('a', 'b').equals(digestOf('a', 'c'))).toBe(false);
  });
});
