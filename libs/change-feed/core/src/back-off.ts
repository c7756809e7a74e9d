import type { Entropy } from '@chronicle/seams';

/** The wait before the attempt after `attempt` (from 1): doubling from `firstMs` up to `maxMs`, of which the last half is drawn at random. */
export function backOffMs(attempt: number, firstMs: number, maxMs: number, entropy: Entropy): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil(whole / 2 + (whole / 2) * entropy.fraction());
}
