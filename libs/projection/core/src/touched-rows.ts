import type { Row } from './projection.js';
import type { RowChange } from './row-change.js';
import type { TableRules } from './table-rules.js';

/**
 * The rows of one aggregate while a run goes over its events, and every key that a step of it touched. Between two processes that
 * both think they own a bucket, one may have written, or may still write, the rows of any state on the way. Where writes win by
 * their sequence, only a write of this run's sequence takes such a row away; so {@link changes} names what a key holds at the end
 * for each that was touched, also if that is what it held at the beginning.
 */
export class TouchedRows {
  private now: ReadonlyMap<string, Row>;
  private readonly touched = new Map<string, Row>();

  constructor(
    private readonly rules: TableRules,
    before: readonly Row[],
  ) {
    this.now = this.byKey(before);
  }

  /** One step: these are the aggregate's rows now. */
  become(rows: readonly Row[]): void {
    const before = this.now;
    this.now = this.byKey(rows);
    for (const [key, row] of before) if (!this.now.has(key)) this.touched.set(key, row);
    for (const [key, row] of this.now) {
      const old = before.get(key);
      if (old === undefined || !this.rules.equal(old, row)) this.touched.set(key, row);
    }
  }

  /** Deletes of the touched keys that are gone, then writes of the others; never both for one key. */
  changes(): readonly RowChange[] {
    const deletes: RowChange[] = [];
    const writes: RowChange[] = [];
    for (const [key, touched] of this.touched) {
      const row = this.now.get(key);
      if (row === undefined) deletes.push({ kind: 'delete', key: this.rules.keyOf(touched) });
      else writes.push({ kind: 'write', row });
    }
    return [...deletes, ...writes];
  }

  private byKey(rows: readonly Row[]): ReadonlyMap<string, Row> {
    return new Map(rows.map((row) => [this.rules.keyText(row), row]));
  }
}
