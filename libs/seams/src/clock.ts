/**
 * Time as the code under it sees it. Production uses {@link systemClock}; a test or a simulation brings its own, so that
 * nothing below the edge of a process ever waits for, or reads, real time.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May step back (it is a wall clock): never subtract two of these to measure. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For durations and deadlines. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` is (or becomes) aborted: it never rejects, so the caller asks `signal.aborted`. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The RFC 3339 UTC text with milliseconds of a time in ms (24 characters, so that such texts compare like the times they name). */
export function timestampText(ms: number): string {
  return new Date(ms).toISOString();
}
