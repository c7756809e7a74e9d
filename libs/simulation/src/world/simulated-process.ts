import type { Clock, Entropy } from '@chronicle/seams';
import type { SimulatedTime } from './simulated-time.js';

/**
 * A process as the simulation sees it: whatever it learns (an answer, the end of a wait) comes to it through {@link deliver}. A killed
 * one learns nothing any more and so never acts again; a paused one learns it all when it goes on.
 */
export class SimulatedProcess {
  readonly clock: Clock;
  #state: 'running' | 'paused' | 'killed' = 'running';
  #backlog: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly entropy: Entropy,
    private readonly time: SimulatedTime,
    /** How far its wall clock is ahead, in ms. */
    wallAheadMs: number,
  ) {
    this.clock = {
      now: () => Math.floor(time.now + wallAheadMs),
      monotonic: () => time.elapsed,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isKilled(): boolean {
    return this.#state === 'killed';
  }

  kill(): void {
    this.#state = 'killed';
    this.#backlog = [];
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** Goes on, with all that has come meanwhile in the order in which it came. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const learn of backlog) this.time.schedule(0, () => this.deliver(learn));
  }

  deliver(learn: () => void): void {
    if (this.#state === 'running') learn();
    else if (this.#state === 'paused') this.#backlog.push(learn);
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const cancel = this.time.schedule(ms, () => this.deliver(wake));
      const abort = () => {
        cancel();
        wake();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
