import type { CdcClock } from './cdc-clock.js';

/** Lets one loop end the waits of others. A call between two waits is not remembered: look for work before waiting. */
export class WakeUp {
  #round = new AbortController();

  constructor(
    private readonly clock: CdcClock,
    private readonly closed: AbortSignal,
  ) {
    closed.addEventListener('abort', () => this.call(), { once: true });
  }

  /** Ends all waits. */
  call(): void {
    const round = this.#round;
    this.#round = new AbortController();
    round.abort();
  }

  /** Waits `ms`, or until a call or the end of the reader. */
  async wait(ms: number): Promise<void> {
    if (this.closed.aborted) return;
    await this.clock.sleep(ms, this.#round.signal);
  }
}
