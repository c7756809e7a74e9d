/**
 * The time that one partition of a spread table covers. A partition with one live row may hold the tombstones of all others that
 * were created in it: 1,000 of them, from which on Cassandra warns, take 100 orders a second in each slot, 3,200 in all 32.
 */
const WINDOW_MS = 10_000;
const WINDOWS_OF_DAY = (24 * 60 * 60 * 1000) / WINDOW_MS;

/** The window of a time, counted from 1970; of anything earlier, or that is no time, the first. Fits an `int` until 2650. */
export function windowOf(timestamp: unknown): number {
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return ms > 0 ? Math.floor(ms / WINDOW_MS) : 0;
}

export function dayOf(window: number): number {
  return Math.floor(window / WINDOWS_OF_DAY);
}

/** Which one of its day a window is, from 0. */
export function windowInDay(window: number): number {
  return window % WINDOWS_OF_DAY;
}

export function windowOfDay(day: number, windowInThatDay: number): number {
  return day * WINDOWS_OF_DAY + windowInThatDay;
}
