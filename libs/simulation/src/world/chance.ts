import { seededEntropy, type Entropy } from '@chronicle/seams';

/** What a schedule leaves to chance: the same for the same seed. */
export class Chance {
  readonly entropy: Entropy;
  readonly #seed: number;
  #children = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.entropy = seededEntropy(seed);
  }

  /** A source of its own, so that what one draws changes nothing for another. */
  child(): Entropy {
    this.#children += 1;
    return seededEntropy(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(this.#children, 0x85ebca6b));
  }

  is(probability: number): boolean {
    return this.entropy.fraction() < probability;
  }

  /** From `from` up to but without `to`. */
  between(from: number, to: number): number {
    return from + this.entropy.fraction() * (to - from);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.entropy.fraction() * (to - from + 1));
  }

  oneOf<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.entropy.fraction() * values.length)]!;
  }
}
