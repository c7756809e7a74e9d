/** A signal that ends the waits of now, and serves again for those that come after. */
export class WakeUp {
  #controller = new AbortController();

  /** Aborted by the next {@link ring}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  ring(): void {
    const rung = this.#controller;
    this.#controller = new AbortController();
    rung.abort();
  }
}
