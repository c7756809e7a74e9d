import type { Row } from './projection.js';

/** The most rows of one page. */
export const PAGE_ROWS_MAX = 1000;

/** Where a page goes on: after the row with this clustering key. */
export interface PageRequest {
  /** Values of the partition key's columns. */
  readonly partition: Row;
  /** Values of the clustering key's columns of the last row seen; absent: from the first. */
  readonly after?: Row;
  /** 1 to {@link PAGE_ROWS_MAX}. */
  readonly limit: number;
}

/** Reads one read model's table. Throws `StoreUnavailableError` when it cannot be read, or does not exist yet. */
export abstract class ReadModelReader {
  /** The row with this whole primary key. */
  abstract find(key: Row): Promise<Row | undefined>;
  /** Rows of one partition in clustering order. A row that matches all along is neither skipped nor repeated between pages. */
  abstract page(request: PageRequest): Promise<readonly Row[]>;
  /** Every row with its table's columns, in pages, for checks. */
  abstract scan(): AsyncIterable<readonly Row[]>;
  abstract close(): Promise<void>;
}
