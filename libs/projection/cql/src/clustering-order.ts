import type { Row, TableDefinition } from '@chronicle/projection-core';

/** The order in which a table's rows lie in a partition: negative when `left` comes first. */
export function clusteringOrder({ clusteringKey }: TableDefinition): (left: Row, right: Row) => number {
  return (left, right) => {
    for (const { column, order } of clusteringKey) {
      const compared = compare(left[column]!, right[column]!);
      if (compared !== 0) return order === 'asc' ? compared : -compared;
    }
    return 0;
  };
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0;
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  return left < right ? -1 : 1;
}

/** As databases compare texts, by UTF-8 bytes; units of UTF-16 do so too but for surrogates, which come after all others. */
function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one !== other) return rank(one) - rank(other);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
