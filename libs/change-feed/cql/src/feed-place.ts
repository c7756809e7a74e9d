import { timeOfCheckpoint } from '@chronicle/scylla-cdc';
import type { Checkpoint, Micros } from '@chronicle/scylla-cdc';

/** In the change log. */
export interface LogPlace {
  readonly mode: 'log';
  /** A checkpoint of the log's reader: nothing before it is missing. */
  readonly from: Checkpoint | 'beginning';
  /** The newest change that was handed out; rows after it have not been. Undefined: none yet. */
  readonly newest: Micros | undefined;
}

/** In the event store, of whose events the log no longer has all. */
export interface ScanPlace {
  readonly mode: 'scan';
  /** Everything of the bucket up to this token has been handed out. */
  readonly after: bigint;
  /** Where to go on in the log afterwards: from before the scan began. */
  readonly logFrom: Checkpoint;
}

/** Where a bucket has come, as the text of its checkpoint has it. */
export type FeedPlace = LogPlace | ScanPlace;

/**
 * Has a bucket at `checkpoint` come less far than at `other`, of the same owner? Going over from the log to the event store, which
 * happens when the log no longer reaches back, is not going back.
 */
export function isBehind(checkpoint: string, other: string): boolean {
  const [place, before] = [placeOf(checkpoint), placeOf(other)];
  if (place.mode === 'log') return logTime(place) < logTime(before);
  return before.mode === 'scan' && place.logFrom === before.logFrom && place.after < before.after;
}

export const BEGINNING: LogPlace = { mode: 'log', from: 'beginning', newest: undefined };

export function placeText(place: FeedPlace): string {
  if (place.mode === 'scan') return `scan ${place.after} ${place.logFrom}`;
  return `log ${place.newest ?? '-'} ${place.from}`;
}

/** The place that a checkpoint names; null: the beginning. Throws `RangeError` when it names none: it came from another kind of feed. */
export function placeOf(checkpoint: string | null): FeedPlace {
  if (checkpoint === null) return BEGINNING;
  const [, mode, number, log] = /^(log|scan) (-|-?\d{1,19}) (\S+)$/.exec(checkpoint) ?? [];
  if (mode === 'log' && log !== undefined) {
    return { mode, from: log, newest: number === '-' ? undefined : BigInt(number!) };
  }
  if (mode === 'scan' && log !== undefined && number !== '-') return { mode, after: BigInt(number!), logFrom: log };
  throw new RangeError(
    `checkpoint "${checkpoint}" is not a place in the change log: expected "log <time in µs or -> <place>" or "scan <token> <place>"`,
  );
}

/** From when on the log is read; of a scan, afterwards. */
function logTime(place: FeedPlace): Micros {
  const from = place.mode === 'log' ? place.from : place.logFrom;
  return from === 'beginning' ? 0n : timeOfCheckpoint(from);
}
