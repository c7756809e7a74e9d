import { readError } from './errors.js';
import type { LaneItem, ReaderTools } from './reader-tools.js';

/** A lane, whose failures are handed to the caller of `next`; it then begins again, after a wait that doubles while it fails. */
export async function* repeatedly(
  { options, signal }: ReaderTools,
  lane: { run(): AsyncGenerator<LaneItem, void> },
): AsyncGenerator<LaneItem, void> {
  const { clock, retryDelayMs, retryDelayMaxMs } = options;
  let delayMs = retryDelayMs;
  let failedMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      yield* lane.run();
      if (!signal.aborted) return;
    } catch (cause) {
      if (signal.aborted) return;
      yield { error: cause instanceof Error && 'code' in cause ? cause : readError('cdc.pass', cause) };
      const nowMs = clock.monotonic();
      delayMs = nowMs - failedMs > 4 * retryDelayMaxMs ? retryDelayMs : Math.min(delayMs * 2, retryDelayMaxMs);
      failedMs = nowMs;
      await clock.sleep(delayMs, signal);
    }
  }
}
