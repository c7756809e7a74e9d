import type { Clock, Entropy } from '@chronicle/seams';
import { backOffMs } from './back-off.js';
import { BucketLostError } from './consumer-store.js';
import type { PartHealthBoard } from './part-health-board.js';
import type { PauseGate } from './pause-gate.js';
import type { WakeUp } from './wake-up.js';
import type { WorkerPart } from './worker-observer.js';
import type { WorkerSettings } from './worker-settings.js';

/** Ends work that an outage keeps from being done, when the process is to stop; never leaves the worker. */
export class StoppedError extends Error {}

/** What an {@link OutageRepeater} needs. */
export interface OutageRepeaterOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly settings: Pick<WorkerSettings, 'retryAfterMs' | 'outageRetryMaxMs'>;
  readonly health: PartHealthBoard;
  readonly gate: PauseGate;
  readonly wakeUp: WakeUp;
  readonly stopping: () => boolean;
  readonly onBucketLost: (bucket: number) => void;
}

/** Repeats what fails for all of a batch, for as long as it fails: nothing of it is the fault of an event. */
export class OutageRepeater {
  constructor(private readonly options: OutageRepeaterOptions) {}

  /**
   * Does `work` until it is done, with a capped, jittered back-off, resting while the group is paused. A bucket that was lost
   * is let go of, and `work` repeated without it at once. Throws {@link StoppedError} when the process is to stop.
   */
  async repeat<T>(part: WorkerPart, work: () => Promise<T>): Promise<T> {
    const { health, settings, entropy, onBucketLost } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work();
        health.up(part);
        return result;
      } catch (error) {
        if (error instanceof BucketLostError) {
          onBucketLost(error.bucket);
          continue;
        }
        health.down(part, error);
      }
      await this.#waitOut(backOffMs(attempt, settings.retryAfterMs, settings.outageRetryMaxMs, entropy));
    }
  }

  async #waitOut(waitMs: number): Promise<void> {
    const { clock, gate, wakeUp, stopping } = this.options;
    const until = clock.monotonic() + waitMs;
    for (;;) {
      const woken = wakeUp.signal;
      if (stopping()) throw new StoppedError();
      if (await gate.rest(woken)) continue;
      const left = until - clock.monotonic();
      if (left <= 0) return;
      await clock.sleep(left, woken);
    }
  }
}
