import type { Clock } from '@chronicle/seams';

/** A look is good for so many times as long as it took. */
const LASTS = 10;

/**
 * A look at something, shared by those who ask while it is under way or while it is good: where there is much to count, looking
 * takes long, and whoever asks often is not to slow down the work that he asks about. One that failed is not good for any time.
 */
export function seldom<Result>(look: () => Promise<Result>, clock: Clock): () => Promise<Result> {
  let last: Promise<Result> | undefined;
  let goodUntil = 0;
  return () => {
    const now = clock.monotonic();
    if (last !== undefined && now < goodUntil) return last;
    goodUntil = Infinity;
    last = look();
    last.then(
      () => (goodUntil = clock.monotonic() + LASTS * (clock.monotonic() - now)),
      () => (goodUntil = 0),
    );
    return last;
  };
}
