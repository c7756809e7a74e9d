import { latencyColumns, median, percentile, slope } from './statistics.js';

const ONE_TO_100 = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentile', () => {
  it.each([
    [0, 1],
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('given 1 to 100 in any order, then the share %d is %d', (share, expected) => {
    expect(percentile(ONE_TO_100, share)).toBe(expected);
  });

  it('given one value, then it is every percentile', () => {
    expect(latencyColumns([7])).toEqual({ 'p50 ms': 7, 'p95 ms': 7, 'p99 ms': 7, 'max ms': 7 });
  });

  it('given none, then there is none', () => {
    expect(percentile([], 0.5)).toBeNaN();
    expect(median([])).toBeNaN();
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('median', () => {
  it('is the middle one, or between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });
});

describe('slope', () => {
  it('given points on a line, then it is that of the line', () => {
    expect(slope(Array.from({ length: 10 }, (_, x) => [x, 3 * x - 7] as const))).toBeCloseTo(3);
  });

  it('given less than a line, then it is 0', () => {
    expect(slope([])).toBe(0);
    expect(slope([[1, 5]])).toBe(0);
  });
});
