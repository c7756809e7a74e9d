/** A statement under a name, so that a simulation can give each name its meaning and a log can say which one failed. */
export interface CdcStatement {
  /** `cdc.what-it-reads`; the list is closed: see the README. */
  readonly name: string;
  /** A SELECT with `?` for each value, its tables named with their keyspace. */
  readonly cql: string;
}

/** What is bound: blobs and timeuuids as bytes, times as RFC 3339 texts, a list of stream ids as an array of bytes. */
export type CdcValue = string | Buffer | readonly Buffer[];

/**
 * One row: its columns by name, all of them on every row, null for those without a value. `timeuuid` and `blob` are bytes,
 * `bigint` is a bigint, `int` and `tinyint` are numbers (operation −3 arrives as −3), a `timestamp` is a Date, an RFC 3339 text
 * or milliseconds, a `set` an array or a Set. Columns of the base table are handed on as they are; those of its partition
 * key are also understood (see `KEY_TYPES`).
 */
export type CdcRow = { readonly [column: string]: unknown };

export interface CdcPage {
  readonly rows: readonly CdcRow[];
  /** Undefined at the end, and only there: a page may be short, even empty, with more to come. */
  readonly pageState: string | undefined;
}

/** How many replicas must answer a read. A session that reads everything at one level of LOCAL_QUORUM or more may ignore it. */
export type CdcConsistency = 'one' | 'local-quorum' | 'quorum' | 'all';

export interface CdcReadOptions {
  /** Goes on after the page that gave this state; bound to the same statement and values. */
  readonly pageState?: string | undefined;
  /** The most rows of the page. */
  readonly rowsMax?: number;
  /** Asks this node, one of {@link CdcSession.hosts}, and no other. */
  readonly host?: string;
  /** Default `local-quorum`. */
  readonly consistency?: CdcConsistency;
}

/**
 * All that the reader says to a database; it never writes. An implementation prepares each statement, repeats nothing that
 * the server refuses, and may be asked for many pages at a time. Its errors may carry `retryable: false`, which means that the
 * same question will be refused again (no such table, no right); every other error is taken as an outage and asked again.
 */
export interface CdcSession {
  read(statement: CdcStatement, values: readonly CdcValue[], options?: CdcReadOptions): Promise<CdcPage>;
  /** The nodes whose clocks stamp writes. Without it the clocks of whichever nodes answer are taken for all. */
  hosts?(): readonly string[];
}

/** All rows of a statement that finds few; at most {@link PAGES_MAX} pages. */
export async function readAll(
  session: CdcSession,
  statement: CdcStatement,
  values: readonly CdcValue[],
  options: Omit<CdcReadOptions, 'pageState'> = {},
): Promise<readonly CdcRow[]> {
  const rows: CdcRow[] = [];
  let pageState: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: CdcPage = await session.read(statement, values, { ...options, pageState });
    rows.push(...page.rows);
    if (page.pageState === undefined) return rows;
    pageState = page.pageState;
  }
  throw new RangeError(
    `${statement.name} found more than ${PAGES_MAX} pages; expected the few rows of a metadata table`,
  );
}

/** 1,000 pages of 1,000 rows are the streams of a cluster of 500,000 vnodes and more. */
const PAGES_MAX = 1_000;
