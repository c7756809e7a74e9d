import { systemClock } from '@chronicle/seams';

/** How long {@link eventually} tries, and how often. */
const PATIENCE_MS = 10_000;
const INTERVAL_MS = 20;

/**
 * Runs `check` until it does not throw, and resolves with what it returned; when it still throws after `patienceMs`, rejects with
 * its last error. For what another process does in its own time.
 */
export async function eventually<Result>(
  check: () => Promise<Result> | Result,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  const deadline = systemClock.monotonic() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (systemClock.monotonic() >= deadline) throw error;
      await systemClock.sleep(INTERVAL_MS);
    }
  }
}
