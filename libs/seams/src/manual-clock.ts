import type { Clock } from './clock.js';

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told: for tests, which must neither wait for time nor depend on it. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #sleepers: Sleeper[] = [];

  /** Starts at `now`, in ms since 1970. */
  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { dueAt: this.#monotonic + ms, wake };
      this.#sleepers.push(sleeper);
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        wake();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** How many sleep now: what a test waits for before it lets time pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Lets `ms` pass and wakes whom they were due, earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.dueAt <= this.#monotonic);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.dueAt > this.#monotonic);
    for (const sleeper of due.sort((left, right) => left.dueAt - right.dueAt)) sleeper.wake();
  }

  /** Sets the wall clock, back too, as an operator or NTP does; durations are not touched. */
  set(now: number): void {
    this.#now = now;
  }
}
