import fc from 'fast-check';
import { NumberSet } from './number-set.js';

function setOf(numbers: Iterable<number>): NumberSet {
  const set = NumberSet.empty();
  for (const number of numbers) set.add(number);
  return set;
}

const numbers = fc.uniqueArray(fc.nat(9000));

describe('a set of numbers', () => {
  it('holds what was added and not deleted, in either order, and so does what is read back', () => {
    fc.assert(
      fc.property(numbers, numbers, (added, deleted) => {
        const set = setOf(added);
        for (const number of deleted) set.delete(number);
        const expected = added.filter((number) => !deleted.includes(number)).sort((left, right) => left - right);
        for (const one of [set, NumberSet.decode(set.encode())]) {
          expect([...one.inOrder('asc')]).toEqual(expected);
          expect([...one.inOrder('desc')]).toEqual(expected.toReversed());
          expect(one.isEmpty).toBe(expected.length === 0);
        }
      }),
    );
  });

  it('begins where it is told to', () => {
    const set = setOf([3, 70, 71, 900]);
    expect([...set.inOrder('asc', 71)]).toEqual([71, 900]);
    expect([...set.inOrder('desc', 70)]).toEqual([70, 3]);
    expect([...set.inOrder('desc', 2)]).toEqual([]);
    expect([...set.inOrder('asc', 5000)]).toEqual([]);
  });

  it('unites with others', () => {
    expect([...NumberSet.union([setOf([9]), setOf([]), setOf([2, 800])]).inOrder('asc')]).toEqual([2, 9, 800]);
    expect(NumberSet.union([]).isEmpty).toBe(true);
  });

  it('takes the bytes between its first and its last number, and four', () => {
    expect(setOf([8 * 20_000, 8 * 20_001 + 7]).encode()).toEqual(new Uint8Array([0, 0, 0x4e, 0x20, 1, 0x80]));
    expect(setOf(Array.from({ length: 8640 }, (_, number) => number)).encode()).toHaveLength(4 + 1080);
    expect(NumberSet.empty().encode()).toHaveLength(0);
  });
});
