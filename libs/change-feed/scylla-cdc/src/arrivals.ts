/**
 * Promises that are under way, taken one by one as they settle, for one taker. `Promise.race` again and again would do the same,
 * but it hangs each of its answers on the promises that have not settled yet: while one lane rests for seconds, everything that the
 * others have given meanwhile would stay in memory.
 */
export class Arrivals<Result> {
  readonly #settled: Promise<Result>[] = [];
  #some!: Promise<void>;
  #arrived!: () => void;

  constructor() {
    this.#expect();
  }

  add(promise: Promise<Result>): void {
    const arrive = () => {
      this.#settled.push(promise);
      this.#arrived();
    };
    promise.then(arrive, arrive);
  }

  /** Resolves when there is one to take. */
  get some(): Promise<void> {
    return this.#some;
  }

  /** The one that has settled first; undefined: none has, that was not taken. */
  take(): Promise<Result> | undefined {
    const first = this.#settled.shift();
    if (first !== undefined && this.#settled.length === 0) this.#expect();
    return first;
  }

  #expect(): void {
    this.#some = new Promise((resolve) => (this.#arrived = resolve));
  }
}
