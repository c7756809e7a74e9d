import { seededEntropy, uuidFromBytes } from '@chronicle/seams';
import type { Entropy } from '@chronicle/seams';

/** Every choice of a crash run comes from dice made of its seed, so that a run can be told, and made again, by one number. */
export class Dice {
  private readonly entropy: Entropy;

  /** `label` tells dice of one seed apart: each user has its own, so that one's choices do not move another's. */
  constructor(
    readonly seed: number,
    label: string,
  ) {
    const mixed = [...label].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), seed | 0);
    this.entropy = seededEntropy(mixed);
  }

  /** True once in 1/`probability` throws. */
  chance(probability: number): boolean {
    return this.entropy.fraction() < probability;
  }

  /** A number from `min` up to, not including, `max`. */
  between(min: number, max: number): number {
    return min + this.entropy.fraction() * (max - min);
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return Math.floor(this.between(min, max + 1));
  }

  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!;
  }

  uuid(): string {
    return uuidFromBytes(this.entropy.bytes(16), 7);
  }
}
