import type { PassKind } from './cdc-observer.js';
import type { Micros } from './cdc-time.js';
import type { Checkpoint } from './checkpoint.js';
import type { GroupDefect } from './errors.js';
import type { Change } from './log-change.js';

/** One write to one partition of the base table, whole: its changes have one `cdc$time` and were made together. */
export interface LogGroup {
  readonly streamId: Buffer;
  /** `cdc$time`: 16 bytes. */
  readonly time: Buffer;
  /** The timestamp of the write in microseconds since 1970. */
  readonly timeMicros: Micros;
  readonly changes: readonly Change[];
  /** Always undefined unless `brokenGroups` is `deliver`. */
  readonly defect?: GroupDefect;
}

/**
 * A piece of the log of one bucket. `checkpoint`, if there is one, may be stored as soon as everything that was handed out so
 * far for this bucket, this slice included, has been handled: a reader that begins there loses nothing.
 */
export interface LogSlice {
  readonly bucket: number;
  /** `look-back`: these groups are late, or, after a restart, mostly repeats. */
  readonly pass: PassKind;
  /** Of one partition in the order of `cdc$time`, except those that became readable late. */
  readonly groups: readonly LogGroup[];
  readonly checkpoint: Checkpoint | null;
}
