import type { Row } from '@chronicle/projection-core';
import type { Fields } from './digest.js';

/** One field that is not what it should be; `undefined` values are absent. */
export interface FieldDifference {
  readonly field: string;
  readonly expected: string | number | null | undefined;
  readonly found: string | number | null | undefined;
}

/**
 * What is wrong with one event of the change log, one row of a read model or one message of the topic:
 * - `missing`: the event store says that it must be there, and it is not;
 * - `surplus`: it is there, and nothing in the event store explains it;
 * - `different`: it is there, with other fields;
 * - `behind`: it is right for an older version of the aggregate: its consumer group has not come further in time;
 * - `out-of-order`: a message's first occurrence comes after that of a later event of its aggregate, or in another partition;
 * - `unreadable`: the aggregate's own events cannot be folded, so nothing can be said about what is made from them.
 */
export interface Difference {
  /** `change log`, the name of a read model's table, or the name of the topic. */
  readonly part: string;
  readonly kind: 'missing' | 'surplus' | 'different' | 'behind' | 'out-of-order' | 'unreadable';
  readonly aggregateId: string;
  /** Of the event or message; of the version that a row should show. Null where there is none. */
  readonly sequenceNumber: number | null;
  /** The primary key of a row; null for events and messages. */
  readonly key: Row | null;
  /** Exactly the fields that differ; empty unless `different`. */
  readonly fields: readonly FieldDifference[];
  /** What to know about it, in words; empty when there is nothing more to say. */
  readonly detail: string;
}

/** The fields in which `found` is not `expected`, by name. */
export function fieldDifferences(expected: Fields, found: Fields): readonly FieldDifference[] {
  const fields = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return fields
    .filter((field) => expected[field] !== found[field])
    .map((field) => ({ field, expected: expected[field], found: found[field] }));
}

/** How many differences of one part are listed; finding more says nothing new, so the part's check ends there. */
export const DIFFERENCES_LISTED_MAX = 1000;

/** What the check of one part found. */
export class Findings {
  private readonly found = new Map<string, Difference>();
  private more = false;

  /** `limit`: how many are listed, at most. */
  constructor(private readonly limit: number = DIFFERENCES_LISTED_MAX) {}

  /** Adds a difference; the same one again changes nothing. */
  add(difference: Difference): void {
    const text = JSON.stringify(difference);
    if (this.found.size < this.limit) this.found.set(text, difference);
    else if (!this.found.has(text)) this.more = true;
  }

  /** There are more differences than are listed: whoever is searching may stop. */
  get full(): boolean {
    return this.more;
  }

  get differences(): readonly Difference[] {
    return [...this.found.values()];
  }
}
