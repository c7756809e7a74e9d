import type { Row } from './projection.js';
import type { RowChange } from './row-change.js';
import type { TableRules } from './table-rules.js';

/** What turns an aggregate's rows `before` into those `after`: deletes of keys that are gone, then writes of rows that are new or differ. */
export function rowDifference(rules: TableRules, before: readonly Row[], after: readonly Row[]): RowChange[] {
  const gone = new Map(before.map((row) => [rules.keyText(row), row]));
  const writes: RowChange[] = [];
  for (const row of after) {
    const key = rules.keyText(row);
    const old = gone.get(key);
    gone.delete(key);
    if (old === undefined || !rules.equal(old, row)) writes.push({ kind: 'write', row });
  }
  const deletes: RowChange[] = [...gone.values()].map((row) => ({ kind: 'delete', key: rules.keyOf(row) }));
  return [...deletes, ...writes];
}
