import type { BucketReading } from './bucket-reading.js';
import type { PassKind } from './cdc-observer.js';
import { minTimeUuid, type Micros } from './cdc-time.js';
import type { ReadableGeneration } from './generation-timeline.js';
import type { LogStream } from './log-generation.js';
import { LogGroupAssembler } from './log-group.js';
import type { PageQuery } from './page-reader.js';
import type { ReaderTools } from './reader-tools.js';
import type { LogStatement } from './statements.js';

/** What one pass reads. */
export interface PassPlan {
  readonly pass: PassKind;
  /** By bucket: from where (inclusive) it is read. */
  readonly from: ReadonlyMap<BucketReading, Micros>;
  /** To where (exclusive) all are read. */
  readonly to: Micros;
  /**
   * The time that all nodes had reached when the pass began: nothing newer is read of a generation while an older one is in the
   * pass. Else a change could overtake one of the same partition that was made after the older one was read.
   */
  readonly began: Micros;
  /** Oldest first: one is read to its end before the next begins, so that a partition keeps its order. */
  readonly generations: readonly ReadableGeneration[];
  /** Broken groups before it are final; later ones may only be half visible yet, and are left to the next pass. */
  readonly settledBefore: Micros;
  /**
   * Most of what lies before it has been handed out: only its keys are read, and of a bucket with one that is not known, all is.
   * Undefined: everything is read.
   */
  readonly compareBefore?: Micros;
  readonly concurrency: number;
  /** Divides the streams among the queries at a time; else queries are as few as possible. */
  readonly spread: boolean;
}

/** A query of a pass, with its own half-read group. */
export interface LogQuery extends PageQuery {
  readonly generation: ReadableGeneration;
  readonly groups: LogGroupAssembler;
}

/** The queries that read one generation as a plan says; those of live passes most likely find few rows. */
export function logQueries(
  { options }: ReaderTools,
  plan: PassPlan,
  generation: ReadableGeneration,
  { paged, first }: LogStatement,
): readonly LogQuery[] {
  const from = new Map([...plan.from].map(([{ bucket }, time]) => [bucket, time]));
  const streams = generation.generation.streamsFor(new Set(from.keys()));
  const to = generation === plan.generations[0] || plan.began > plan.to ? plan.to : plan.began;
  const share = plan.spread ? Math.ceil(streams.length / plan.concurrency) : options.idsPerQueryMax;
  const isLive = plan.pass === 'fast' || plan.pass === 'safe';
  const ids = Math.max(1, Math.min(options.idsPerQueryMax, share));
  return Array.from({ length: Math.ceil(streams.length / ids) }, (_, index) => {
    const chunk = streams.slice(index * ids, (index + 1) * ids);
    const values = [chunk.map(({ id }) => id), minTimeUuid(earliest(chunk, from)), minTimeUuid(to)];
    return { statement: paged, ...(isLive && { first }), values, generation, groups: new LogGroupAssembler() };
  });
}

function earliest(streams: readonly LogStream[], from: ReadonlyMap<number, Micros>): Micros {
  let time: Micros | undefined;
  for (const { buckets } of streams) {
    for (const bucket of buckets) {
      const begin = from.get(bucket);
      if (begin !== undefined && (time === undefined || begin < time)) time = begin;
    }
  }
  return time ?? 0n;
}
