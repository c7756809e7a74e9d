import type { Micros } from './cdc-time.js';

/** The log groups of one bucket that have been handed out and can still be read again. Bounded: see {@link add}. */
export class KnownGroups {
  /** Milliseconds of their time, which is exact enough to forget by. */
  readonly #millis = new Map<string, number>();

  constructor(private readonly sizeMax: number) {}

  /**
   * False when it is known already. When there are too many, the older half is forgotten: what is read again then counts as
   * new, so the price is a repeat.
   */
  add(key: string, micros: Micros): boolean {
    if (this.#millis.has(key)) return false;
    this.#millis.set(key, Number(micros / 1000n));
    if (this.#millis.size > this.sizeMax) this.#forgetOlderHalf();
    return true;
  }

  has(key: string): boolean {
    return this.#millis.has(key);
  }

  get size(): number {
    return this.#millis.size;
  }

  /** What is older will not be read again. */
  forgetBefore(micros: Micros): void {
    const before = Number(micros / 1000n);
    for (const [key, millis] of this.#millis) if (millis < before) this.#millis.delete(key);
  }

  #forgetOlderHalf(): void {
    const middle = [...this.#millis.values()].toSorted((a, b) => a - b)[Math.floor(this.#millis.size / 2)] ?? 0;
    for (const [key, millis] of this.#millis) if (millis < middle) this.#millis.delete(key);
  }
}
