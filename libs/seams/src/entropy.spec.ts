import { seededEntropy } from './seeded-entropy.js';
import { systemEntropy } from './system-entropy.js';

describe.each([
  ['the system', systemEntropy],
  ['a seed', seededEntropy(7)],
])('entropy of %s', (_, entropy) => {
  it('gives bytes that belong to the caller and do not repeat', () => {
    const draws = Array.from({ length: 2000 }, () => entropy.bytes(10));
    expect(draws.every((bytes) => bytes.length === 10)).toBe(true);
    expect(new Set(draws.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(2000);
    const [first] = draws;
    const copy = Uint8Array.from(first!);
    entropy.bytes(64);
    expect(first).toEqual(copy);
  });

  it('gives fractions in [0, 1), spread evenly', () => {
    const fractions = Array.from({ length: 10_000 }, () => entropy.fraction());
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
    const mean = fractions.reduce((sum, fraction) => sum + fraction) / fractions.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});

describe('seeded entropy', () => {
  it('is the same for the same seed, and another for another', () => {
    const draw = (seed: number) => Buffer.from(seededEntropy(seed).bytes(16)).toString('hex');
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });
});
