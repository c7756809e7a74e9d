/** The most rows that a page holds. */
export const PAGE_ROWS_MAX = 1000;
/** A page ends with the row that brings it to this size: large rows must not block the event loop, nor fill the memory. */
export const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Were there, perhaps, more rows? */
  readonly more: boolean;
}

/** The first rows of `rows`, up to the bounds of a page; the rest is not read. `bytesOf` estimates the size of a row. */
export function takePage<Row>(rows: Iterable<Row>, bytesOf: (row: Row) => number): Page<Row> {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += bytesOf(row);
    if (taken.length >= PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX) return { rows: taken, more: true };
  }
  return { rows: taken, more: false };
}
