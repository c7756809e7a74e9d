import type { BucketReading } from './bucket-reading.js';
import { readPages } from './page-reader.js';
import { logQueries, type PassPlan } from './pass-plan.js';
import { groupKey, isDue, placeGroup } from './place-group.js';
import { pageContext, type ReaderTools } from './reader-tools.js';

/** A page of keys. */
export interface KeyPage {
  readonly rows: number;
  /** Of log groups that belong to a bucket of the plan, and are not older than what is read of it. */
  readonly found: readonly { readonly reading: BucketReading; readonly key: string }[];
  /** Its query has come to its end. */
  readonly last: boolean;
}

/**
 * Reads what a plan says, but only what tells log groups and their buckets: a tenth of the bytes. The keys are those by which a
 * {@link BucketReading} knows what it has handed out. Broken groups that may only be half visible yet are left out; where two
 * generations share a stream, its keys come twice.
 */
export async function* readKeys(tools: ReaderTools, plan: PassPlan): AsyncGenerator<KeyPage, void> {
  const { options, table } = tools;
  if (!table) throw new Error('keys were read before the table was known');
  const readings = new Map([...plan.from].map(([reading, from]) => [reading.bucket, { reading, from }]));
  for (const generation of plan.generations) {
    const queries = logQueries(tools, plan, generation, table.readLogKeys);
    for await (const { query, rows, last } of readPages(pageContext(tools), queries, plan.concurrency)) {
      const found: { reading: BucketReading; key: string }[] = [];
      for (const group of query.groups.add(rows, last)) {
        const placed = placeGroup(group, generation, table, options.bucketCount);
        const wanted = readings.get(placed.bucket);
        if (!wanted || !isDue(group, placed, wanted.from, plan)) continue;
        found.push({ reading: wanted.reading, key: groupKey(group, placed) });
      }
      yield { rows: rows.length, found, last };
    }
  }
}

/** What a plan leaves to be read whole when keys have been compared as it says, and what that took. */
export interface ComparedPlan {
  readonly plan: PassPlan;
  readonly queries: number;
  readonly pages: number;
  readonly keyRows: number;
}

/** Reads the keys before `compareBefore`: buckets that have handed out all of them are read whole from there on only. */
export async function comparedByKeys(tools: ReaderTools, plan: PassPlan): Promise<ComparedPlan> {
  const { compareBefore } = plan;
  let [queries, pages, keyRows] = [0, 0, 0];
  const isAnyKnown = [...plan.from.keys()].some(({ known }) => known.size > 0);
  if (compareBefore === undefined || !isAnyKnown) return { plan, queries, pages, keyRows };
  const compared = new Map([...plan.from].filter(([, from]) => from < compareBefore));
  const unknown = new Set<BucketReading>();
  for await (const page of readKeys(tools, { ...plan, from: compared, to: compareBefore })) {
    if (page.last) queries += 1;
    pages += 1;
    keyRows += page.rows;
    for (const { reading, key } of page.found) if (!reading.known.has(key)) unknown.add(reading);
  }
  const from = new Map(
    [...plan.from].map(([reading, line]) => [
      reading,
      compared.has(reading) && !unknown.has(reading) ? compareBefore : line,
    ]),
  );
  return { plan: { ...plan, from }, queries, pages, keyRows };
}
