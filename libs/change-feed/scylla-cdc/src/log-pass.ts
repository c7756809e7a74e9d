import type { PassReport } from './cdc-observer.js';
import { GroupSorter } from './group-sorter.js';
import type { RawGroup } from './log-group.js';
import { comparedByKeys } from './log-keys.js';
import { readPages, type QueryPage } from './page-reader.js';
import { logQueries, type LogQuery, type PassPlan } from './pass-plan.js';
import { pageContext, type LaneItem, type ReaderTools } from './reader-tools.js';

/**
 * Reads the log as planned and hands out what is new: what few pages brought together, for a caller who writes something after
 * each hand-out has the work of one. Goes on reading only when asked for the next. A bucket whose rows cannot be handed out is
 * revoked, with an error; the others go on. Throws when a page cannot be read; what was not handed out is new to the next pass.
 */
export async function* runPass(tools: ReaderTools, planned: PassPlan): AsyncGenerator<LaneItem, PassReport> {
  const { clock, observer, pageRowsMax } = tools.options;
  const context = pageContext(tools);
  let [rows, readingMs] = [0, 0];
  let askedMs = clock.monotonic();
  const compared = await comparedByKeys(tools, planned);
  const { plan, keyRows } = compared;
  let { queries: queryCount, pages } = compared;
  const sorter = new GroupSorter(tools, plan);
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
    keyRows,
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
