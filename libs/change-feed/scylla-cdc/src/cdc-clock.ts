import { setTimeout as delay } from 'node:timers/promises';

/** Time as the reader sees it, so that a test or a simulation can bring its own. */
export interface CdcClock {
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` is (or becomes) aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const machineClock: CdcClock = {
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};
