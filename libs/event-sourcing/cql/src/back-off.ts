import type { Entropy } from '@chronicle/seams';

/** Delays that double from the first to the most, each shortened by chance to no less than half. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** How long to wait before repeat number `attempt`, from 1. */
export function backOffMs(attempt: number, { firstMs, mostMs }: BackOff, entropy: Entropy): number {
  const fullMs = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(firstMs, fullMs * (0.5 + entropy.fraction() / 2));
}
