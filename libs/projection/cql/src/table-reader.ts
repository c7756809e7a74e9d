import type { PageRequest, Row } from '@chronicle/projection-core';

/** Reads the table of one projection version. */
export interface TableReader {
  find(key: Row): Promise<Row | undefined>;
  /** As `ReadModelReader.page`, of a limit that was checked. */
  page(request: PageRequest): Promise<readonly Row[]>;
  scan(): AsyncGenerator<readonly Row[], void, undefined>;
}
