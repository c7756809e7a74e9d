import type { CqlPort, CqlValue } from '@chronicle/cql';
import { DAYS_PART, type LiveStatements } from './live-statements.js';
import { NumberSet } from './number-set.js';
import { dayOf, windowInDay, windowOfDay } from './time-windows.js';

/** The most days whose parts of the directory are read at a time; a walk begins with one, and doubles. */
const DAYS_AT_ONCE_MAX = 16;

/** A window that may have rows, and the slots of it that may. */
export interface LiveWindow {
  readonly window: number;
  readonly slots: readonly number[];
}

export interface WindowWalk {
  /** The values of the logical partition key. */
  readonly partition: readonly CqlValue[];
  readonly order: 'asc' | 'desc';
  /** The window to begin with (default: the first). */
  readonly from?: number;
}

/** The windows of a logical partition that may have rows, in order. */
export async function* walkWindows(
  port: CqlPort,
  statements: LiveStatements,
  { partition, order, from }: WindowWalk,
): AsyncGenerator<LiveWindow, void, undefined> {
  const firstDay = from === undefined ? undefined : dayOf(from);
  const days = [...unionOf(await setsOf(port, statements, partition, DAYS_PART)).inOrder(order, firstDay)];
  for (let at = 0, count = 1; at < days.length; at += count, count = Math.min(2 * count, DAYS_AT_ONCE_MAX)) {
    const together = days.slice(at, at + count);
    const sets = await Promise.all(together.map((day) => setsOf(port, statements, partition, day)));
    for (const [index, day] of together.entries()) {
      const slots = sets[index]!;
      const start = from !== undefined && day === firstDay ? windowInDay(from) : undefined;
      for (const number of unionOf(slots).inOrder(order, start)) {
        const having = [...slots].filter(([, set]) => set.has(number)).map(([slot]) => slot);
        yield { window: windowOfDay(day, number), slots: having };
      }
    }
  }
}

async function setsOf(
  port: CqlPort,
  { readAll }: LiveStatements,
  partition: readonly CqlValue[],
  part: number,
): Promise<ReadonlyMap<number, NumberSet>> {
  const sets = new Map<number, NumberSet>();
  for await (const rows of port.pages(readAll, [...partition, part])) {
    for (const row of rows) sets.set(row.spread_slot as number, NumberSet.decode(row.spread_live as Uint8Array));
  }
  return sets;
}

function unionOf(sets: ReadonlyMap<number, NumberSet>): NumberSet {
  return NumberSet.union(sets.values());
}
