import type { BucketReading } from './bucket-reading.js';
import type { CdcRow } from './cdc-session.js';
import { microsFromMillis, type Micros } from './cdc-time.js';
import type { ChangeDecoder } from './decode-changes.js';
import type { DatabaseClock } from './database-clock.js';
import type { GenerationTimeline } from './generation-timeline.js';
import type { LogSlice } from './log-slice.js';
import type { ResolvedOptions } from './options.js';
import type { PageReaderContext } from './page-reader.js';
import type { LogStatement, Statements } from './statements.js';
import type { WakeUp } from './wake-up.js';

/** What is known of the table once its schema has been read. */
export interface LogTable {
  readonly decoder: ChangeDecoder;
  /** Undefined with a single bucket: tokens are not needed. */
  readonly partitionKeyBytes: ((row: CdcRow) => Buffer) | undefined;
  readonly readLog: LogStatement;
  readonly readLogKeys: LogStatement;
}

/** What the lanes of a reader share. */
export interface ReaderTools {
  readonly options: ResolvedOptions;
  readonly statements: Statements;
  readonly databaseClock: DatabaseClock;
  readonly timeline: GenerationTimeline;
  /** The assigned buckets. */
  readonly buckets: ReadonlyMap<number, BucketReading>;
  /** Set before any bucket has a line. */
  table: LogTable | undefined;
  /** Something that lanes wait for has changed. */
  readonly changed: WakeUp;
  readonly signal: AbortSignal;
}

export function pageContext({ options, signal }: ReaderTools): PageReaderContext {
  const { session, clock, observer } = options;
  return { session, settings: options, clock, observer, signal };
}

/** A slice with the assignment it belongs to: one that is over by the time of handing out must not be handed anything. */
export interface HandOut {
  readonly reading: BucketReading;
  readonly slice: LogSlice;
}

/** What a lane gives: slices to hand out, or an error for the caller of `next`. A lane goes on only when asked for the next. */
export type LaneItem = { readonly handOuts: readonly HandOut[] } | { readonly error: Error };

/** The age from which no slower write is expected, in this cluster as it is now. */
export function confidenceWindow({ options, databaseClock }: ReaderTools): Micros {
  return microsFromMillis(Math.max(options.confidenceWindowMs, options.writeTimeoutMs + databaseClock.skewMs));
}

/** The time up to which a pass that begins now sees everything that is in the streams it reads: no slower write can fall before it. */
export function settledUntil(tools: ReaderTools): Micros {
  return tools.databaseClock.earliest() - confidenceWindow(tools);
}

/**
 * The time up to which a checkpoint may lie: before it no unknown generation can have begun. While metadata cannot be read,
 * passes go on beyond it, and go back if a generation turns up there; a reader that begins at a checkpoint could not.
 */
export function checkpointUntil(line: Micros, { options, timeline }: ReaderTools): Micros {
  const known = timeline.knownUntil(microsFromMillis(options.generationLeadMs));
  return known === undefined || known > line ? line : known;
}

/** Slices of the log that are younger than this are read once more later. */
export function lookBackFrom({ options, databaseClock }: ReaderTools): Micros {
  return databaseClock.earliest() - microsFromMillis(options.lookBackMs);
}

/** The buckets that a pass may take now, with their lines. */
export function freeBuckets({ buckets }: ReaderTools): readonly (readonly [BucketReading, Micros])[] {
  return [...buckets.values()].flatMap((reading) =>
    reading.line === undefined || reading.busy || reading.revoked ? [] : [[reading, reading.line] as const],
  );
}

/** Whether a bucket at this line is read by live passes; others catch up. */
export function isNear(line: Micros, { options, databaseClock }: ReaderTools): boolean {
  return line >= databaseClock.earliest() - microsFromMillis(options.behindMs);
}
