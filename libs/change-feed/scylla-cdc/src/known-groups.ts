import type { Micros } from './cdc-time.js';

const MICROS_PER_SECOND = 1_000_000n;

/** The log groups of one bucket that have been handed out and can still be read again. Bounded: see {@link add}. */
export class KnownGroups {
  readonly #bySecond = new Map<number, Set<string>>();
  #size = 0;

  constructor(private readonly sizeMax: number) {}

  /**
   * False when it is known already. When there are too many, the older half of the seconds is forgotten: what is read again
   * then counts as new, so the price is a repeat.
   */
  add(key: string, micros: Micros): boolean {
    const second = Number(micros / MICROS_PER_SECOND);
    const keys = this.#bySecond.get(second) ?? new Set();
    if (keys.has(key)) return false;
    if (keys.size === 0) this.#bySecond.set(second, keys);
    keys.add(key);
    this.#size += 1;
    if (this.#size > this.sizeMax) this.#forgetOlderHalf();
    return true;
  }

  /** What is older than the second of this time will not be read again. */
  forgetBefore(micros: Micros): void {
    const second = Number(micros / MICROS_PER_SECOND);
    for (const old of this.#bySecond.keys()) if (old < second) this.#forget(old);
  }

  #forgetOlderHalf(): void {
    const seconds = [...this.#bySecond.keys()].toSorted((a, b) => a - b);
    for (const second of seconds.slice(0, Math.ceil(seconds.length / 2))) this.#forget(second);
  }

  #forget(second: number): void {
    this.#size -= this.#bySecond.get(second)?.size ?? 0;
    this.#bySecond.delete(second);
  }
}
