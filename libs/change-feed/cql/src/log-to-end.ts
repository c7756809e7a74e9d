import { LogExpiredError } from '@chronicle/scylla-cdc';
import type { LogSlice, LogStart } from '@chronicle/scylla-cdc';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { logReader } from './log-events.js';
import type { ChangeLog } from './log-events.js';

const WAIT_MS = 50;

/** What {@link logToEnd} reads. */
export interface LogSpan {
  /** By bucket: from where. */
  readonly starts: ReadonlyMap<number, LogStart>;
  /** Beside the key. */
  readonly columns: readonly string[];
  /** The share of the retention within which rows are trusted to be there (default 0.8). */
  readonly retentionShareMax?: number;
  /** Where a bucket is to begin whose start may have expired; undefined: it is left out. */
  readonly onExpired: (error: LogExpiredError) => LogStart | undefined;
}

/**
 * The log from these starts up to now: what was acknowledged before the call is in it. Repeats are possible. Throws
 * `StoreUnavailableError`.
 */
export async function* logToEnd(log: ChangeLog, span: LogSpan): AsyncGenerator<readonly LogSlice[]> {
  const { columns, starts, onExpired, retentionShareMax } = span;
  const buckets = new Set(starts.keys());
  let isThrough = false;
  const observer = {
    // A safe pass over all buckets began after they had been read up to near the end, and has just read the rest.
    passEnded: (report: { readonly pass: string; readonly buckets: number }) => {
      if (report.pass === 'safe' && report.buckets === buckets.size) isThrough = true;
    },
  };
  const reader = logReader(log, columns, { observer, lookBackMs: 0, ...(retentionShareMax && { retentionShareMax }) });
  try {
    for (const [bucket, start] of starts) reader.assign(bucket, start);
    while (buckets.size > 0 && !isThrough) {
      try {
        yield await reader.next({ waitMs: WAIT_MS });
      } catch (error) {
        if (!(error instanceof LogExpiredError)) throw unavailable(error);
        const start = onExpired(error);
        if (start === undefined) buckets.delete(error.bucket);
        else reader.assign(error.bucket, start);
      }
    }
  } finally {
    await reader.close();
  }
}

/** What the reader throws, as the feed's ports have it. */
export function unavailable(error: unknown): unknown {
  if ((error as { readonly retryable?: boolean }).retryable !== true) return error;
  return new StoreUnavailableError((error as Error).message, { cause: error });
}
