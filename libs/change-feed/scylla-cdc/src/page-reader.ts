import { Arrivals } from './arrivals.js';
import type { CdcClock } from './cdc-clock.js';
import type { CdcObserver } from './cdc-observer.js';
import type { CdcPage, CdcRow, CdcSession, CdcStatement, CdcValue } from './cdc-session.js';
import { readError } from './errors.js';

export interface PageQuery {
  readonly statement: CdcStatement;
  /** The same question with a limit of `pageRowsMax` rows, to be asked before: with fewer, they are all. */
  readonly first?: CdcStatement;
  readonly values: readonly CdcValue[];
}

export interface QueryPage<Query> {
  readonly query: Query;
  readonly rows: readonly CdcRow[];
  /** Nothing of this query follows. */
  readonly last: boolean;
}

export interface PageReaderSettings {
  readonly pageRowsMax: number;
  readonly pageRetriesMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

export interface PageReaderContext {
  readonly session: CdcSession;
  readonly settings: PageReaderSettings;
  readonly clock: CdcClock;
  readonly observer: CdcObserver;
  /** Aborted: asks for nothing more and ends without an error. */
  readonly signal: AbortSignal;
}

/**
 * The pages of several queries, those of one query in order, at most `concurrency` queries at a time. Each query is at most one
 * page ahead of whoever takes the pages. A page that fails is asked for again, from its page state; after `pageRetriesMax` times
 * the error is thrown (LogUnavailableError; LogRefusedError at once).
 */
export async function* readPages<Query extends PageQuery>(
  context: PageReaderContext,
  queries: readonly Query[],
  concurrency: number,
): AsyncGenerator<QueryPage<Query>, void> {
  const waiting = [...queries];
  const reading = new Map<Query, Promise<unknown>>();
  const answers = new Arrivals<{ readonly query: Query; readonly page: CdcPage }>();
  const ask = (query: Query, pageState: string | undefined) => {
    const answer = readNext(context, query, pageState).then((page) => ({ query, page }));
    reading.set(query, answer);
    answers.add(answer);
  };
  try {
    while (!context.signal.aborted && (waiting.length > 0 || reading.size > 0)) {
      for (const query of waiting.splice(0, concurrency - reading.size)) ask(query, undefined);
      await answers.some;
      const { query, page } = await answers.take()!;
      reading.delete(query);
      if (page.pageState !== undefined && !context.signal.aborted) ask(query, page.pageState);
      yield { query, rows: page.rows, last: page.pageState === undefined };
    }
  } finally {
    await Promise.allSettled(reading.values());
  }
}

async function readNext(context: PageReaderContext, query: PageQuery, pageState: string | undefined): Promise<CdcPage> {
  const { first: statement, values } = query;
  if (pageState === undefined && statement !== undefined) {
    const page = await readPage(context, { statement, values }, undefined);
    if (page.pageState === undefined && page.rows.length < context.settings.pageRowsMax) return page;
  }
  return readPage(context, query, pageState);
}

async function readPage(
  { session, settings, clock, observer, signal }: PageReaderContext,
  { statement, values }: PageQuery,
  pageState: string | undefined,
): Promise<CdcPage> {
  let delayMs = settings.retryDelayMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await session.read(statement, values, { pageState, rowsMax: settings.pageRowsMax });
    } catch (cause) {
      const error = readError(statement.name, cause);
      if (!error.retryable || attempt >= settings.pageRetriesMax || signal.aborted) throw error;
      observer.pageRetried?.(error as Extract<typeof error, { retryable: true }>, attempt + 1);
      await clock.sleep(delayMs, signal);
      delayMs = Math.min(delayMs * 2, settings.retryDelayMaxMs);
    }
  }
}
