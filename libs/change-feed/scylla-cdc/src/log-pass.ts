import type { BucketReading } from './bucket-reading.js';
import type { PassKind, PassReport } from './cdc-observer.js';
import type { CdcStatement } from './cdc-session.js';
import { minTimeUuid, type Micros } from './cdc-time.js';
import type { ReadableGeneration } from './generation-timeline.js';
import { GroupSorter } from './group-sorter.js';
import type { LogStream } from './log-generation.js';
import { LogGroupAssembler, type RawGroup } from './log-group.js';
import { readPages, type PageQuery, type QueryPage } from './page-reader.js';
import type { LaneItem, ReaderTools } from './reader-tools.js';

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
  readonly concurrency: number;
  /** Divides the streams among the queries at a time; else queries are as few as possible. */
  readonly spread: boolean;
}

/** A query of a pass, with its own half-read group. */
export interface LogQuery extends PageQuery {
  readonly generation: ReadableGeneration;
  readonly groups: LogGroupAssembler;
}

/** The queries that read one generation as a plan says. */
export function logQueries(
  { options }: ReaderTools,
  plan: PassPlan,
  generation: ReadableGeneration,
  statement: CdcStatement,
): readonly LogQuery[] {
  const from = new Map([...plan.from].map(([{ bucket }, time]) => [bucket, time]));
  const streams = generation.generation.streamsFor(new Set(from.keys()));
  const to = generation === plan.generations[0] || plan.began > plan.to ? plan.to : plan.began;
  const share = plan.spread ? Math.ceil(streams.length / plan.concurrency) : options.idsPerQueryMax;
  const ids = Math.max(1, Math.min(options.idsPerQueryMax, share));
  return Array.from({ length: Math.ceil(streams.length / ids) }, (_, index) => {
    const chunk = streams.slice(index * ids, (index + 1) * ids);
    const values = [chunk.map(({ id }) => id), minTimeUuid(earliest(chunk, from)), minTimeUuid(to)];
    return { statement, values, generation, groups: new LogGroupAssembler() };
  });
}

/**
 * Reads the log as planned and hands out what is new: what few pages brought together, for a caller who writes something after
 * each hand-out has the work of one. Goes on reading only when asked for the next. A bucket whose rows cannot be handed out is
 * revoked, with an error; the others go on. Throws when a page cannot be read; what was not handed out is new to the next pass.
 */
export async function* runPass(tools: ReaderTools, plan: PassPlan): AsyncGenerator<LaneItem, PassReport> {
  const { clock, observer, session, pageRowsMax } = tools.options;
  const context = { session, settings: tools.options, clock, observer, signal: tools.signal };
  const sorter = new GroupSorter(tools, plan);
  let [queryCount, pages, rows, readingMs] = [0, 0, 0, 0];
  let askedMs = clock.monotonic();
  for (const generation of plan.generations) {
    const queries = logQueries(tools, plan, generation, sorter.table.readLog);
    queryCount += queries.length;
    for await (const read of gathered(readPages(context, queries, plan.concurrency), pageRowsMax)) {
      readingMs += clock.monotonic() - askedMs;
      pages += read.pages;
      rows += read.rows;
      yield* sorter.sort(read.groups, generation);
      askedMs = clock.monotonic();
    }
  }
  const { groups, repeats, foreign } = sorter;
  const report = {
    pass: plan.pass,
    buckets: plan.from.size,
    queries: queryCount,
    pages,
    rows,
    groups,
    repeats,
    foreign,
    readingMs,
  };
  observer.passEnded?.(report);
  return report;
}

/** What pages bring, put together until it is of `rowsMax` rows, or there are no more pages. */
async function* gathered(
  pages: AsyncIterable<QueryPage<LogQuery>>,
  rowsMax: number,
): AsyncGenerator<{ readonly pages: number; readonly rows: number; readonly groups: readonly RawGroup[] }> {
  let read = { pages: 0, rows: 0, groups: [] as RawGroup[] };
  for await (const { query, rows, last } of pages) {
    read.pages += 1;
    read.rows += rows.length;
    read.groups.push(...query.groups.add(rows, last));
    if (read.rows < rowsMax) continue;
    yield read;
    read = { pages: 0, rows: 0, groups: [] };
  }
  if (read.pages > 0) yield read;
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
