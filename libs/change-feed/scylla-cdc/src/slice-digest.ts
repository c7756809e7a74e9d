import { murmur3 } from './murmur3.js';

/**
 * What was read of a slice of the log, in a few bytes: how many log groups, and the exclusive or of their hashes. Two digests
 * are equal when the same groups were added to both, in whatever order (but for a chance of 2^-64).
 */
export class SliceDigest {
  #groups = 0;
  #high = 0;
  #low = 0;

  get groups(): number {
    return this.#groups;
  }

  add(key: string): void {
    const { high, low } = murmur3(Buffer.from(key, 'latin1'));
    this.#groups += 1;
    this.#high ^= high;
    this.#low ^= low;
  }

  equals(other: SliceDigest): boolean {
    return this.#groups === other.#groups && this.#high === other.#high && this.#low === other.#low;
  }
}
