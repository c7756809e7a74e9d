import type { BrokenLogGroupError, GenerationUnreadableError, LogRefusedError, LogUnavailableError } from './errors.js';

/** Which reading a change came from: live and early, live and complete, of the past, or once more. */
export type PassKind = 'fast' | 'safe' | 'catch-up' | 'look-back';

export interface PassReport {
  readonly pass: PassKind;
  readonly buckets: number;
  readonly queries: number;
  readonly pages: number;
  readonly rows: number;
  /** Rows of which only the keys were read, to see that they are known. */
  readonly keyRows: number;
  /** Log groups handed out. */
  readonly groups: number;
  /** Log groups that had been handed out before. */
  readonly repeats: number;
  /** Log groups of buckets that were not read. */
  readonly foreign: number;
  /** What its queries took, without the time that the caller of `next` worked at what they gave. */
  readonly readingMs: number;
}

/**
 * What a reader tells about itself, for metrics, logs and alarms. Called in the middle of the work: return at once, do not
 * throw. `reader.status()` tells the gauges.
 */
export interface CdcObserver {
  passEnded?(report: PassReport): void;
  /** A page is asked for again. */
  pageRetried?(error: LogUnavailableError, attempt: number): void;
  /** Metadata or node clocks could not be read; running passes are not touched. Alarm when it lasts. */
  metadataFailed?(error: LogUnavailableError | LogRefusedError): void;
  clocksMeasured?(clocks: { readonly nodes: number; readonly unanswered: number; readonly skewMs: number }): void;
  /** A log generation was learnt of; RFC 3339. */
  generationFound?(generation: string): void;
  /** It was learnt of after it had begun: buckets go back to its begin. Raise `generationLeadMs`. */
  generationFoundLate?(generation: string, buckets: number): void;
  /** Told at each attempt to read it. Alarm. */
  generationUnreadable?(error: GenerationUnreadableError): void;
  /** Looking back found log groups that no pass had seen; they have been handed out. */
  lateGroupsFound?(found: { readonly bucket: number; readonly from: string; readonly groups: number }): void;
  /** A broken log group is handed out (`brokenGroups: 'deliver'`). */
  brokenGroup?(error: BrokenLogGroupError): void;
}
