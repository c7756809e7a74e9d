import type { CdcClock } from './cdc-clock.js';

/** Time that stands still until a test moves it. */
export class ManualClock implements CdcClock {
  #nowMs = 0;
  readonly #sleepers = new Set<{ dueMs: number; wake: () => void }>();

  monotonic(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { dueMs: this.#nowMs + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets time pass, each sleeper waking at its time, with everything that follows from it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await settled();
    }
    this.#nowMs = endMs;
    await settled();
  }

  #next(endMs: number): { dueMs: number; wake: () => void } | undefined {
    return [...this.#sleepers].filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}

/** When nothing is left to do but to wait for time or a gate. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
