import { createEventCodec, type EventContract, type StoredEvent } from '@chronicle/event-sourcing-core';
import fc from 'fast-check';
import { foldAggregate } from './aggregate-fold.js';
import { projectionHandler } from './projection-handler.js';
import type { Projection, Row } from './projection.js';
import type { RowChange } from './row-change.js';
import { TableRules } from './table-rules.js';

// Where no transaction holds rows and position together, a former owner of a bucket may write the rows of any run that it once
// took in hand, at any later time. Rows are then kept by the sequence of their run: the later one wins.

type Filled = { readonly type: 'Filled'; readonly data: { readonly [key: string]: string } };
type Held = { readonly id: string; readonly values: Filled['data'] };
const filled: EventContract = {
  currentVersion: 1,
  versions: { 1: { schema: {}, violations: () => [] } },
  upcasters: {},
};
const codec = createEventCodec<Filled>({ Filled: filled });
const held: Projection<Held, Filled> = {
  group: 'held',
  version: 1,
  table: {
    name: 'held',
    columns: { key: 'text', id: 'text', value: 'text' },
    partitionKey: ['key'],
    clusteringKey: [{ column: 'id', order: 'asc' }],
  },
  evolve: (_state, event) => ({ id: event.aggregateId, values: event.data }),
  rows: ({ id, values }) => Object.entries(values).map(([key, value]) => ({ key, id, value })),
};
const rules = new TableRules(held.table);

/** Rows whose writes and deletes win by sequence, in whatever order they arrive; of equals, deletes, then the larger value. */
class RowsBySequence {
  private readonly kept = new Map<string, { readonly sequence: number; readonly row: Row | undefined }>();

  apply(sequence: number, changes: readonly RowChange[]): void {
    for (const change of changes) {
      const row = change.kind === 'write' ? change.row : undefined;
      const key = rules.keyText(change.kind === 'write' ? change.row : change.key);
      const old = this.kept.get(key);
      if (old !== undefined && old.sequence > sequence) continue;
      if (old?.sequence === sequence && (old.row === undefined || (row && row['value']! < old.row['value']!))) continue;
      this.kept.set(key, { sequence, row });
    }
  }

  rows(): readonly Row[] {
    return sorted([...this.kept.values()].flatMap(({ row }) => (row === undefined ? [] : [row])));
  }
}

function sorted(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((left, right) => (String(left['key']) < String(right['key']) ? -1 : 1));
}

function eventOf(data: Filled['data'], index: number): StoredEvent {
  const sequenceNumber = index + 1;
  const fixed = { aggregateType: 'Held', eventVersion: 1, causationId: '', correlationId: '', userId: null, hash: '' };
  const at = { sequenceNumber, eventId: `event ${sequenceNumber}`, timestamp: '2026-11-25T19:03:21.123Z' };
  return { ...fixed, ...at, aggregateId: 'a', eventType: 'Filled', eventData: JSON.stringify(data), metadata: {} };
}

/** What a process that finds the position at `from` answers for the events up to `to`. */
async function run(events: readonly StoredEvent[], from: number, to: number): Promise<readonly RowChange[]> {
  const last = events[from - 1];
  const state = last === undefined ? null : JSON.stringify({ id: 'a', values: JSON.parse(last.eventData) });
  const position = { sequence: from, state, parked: null };
  const [handled] = await projectionHandler(held, codec).handle([
    { aggregateId: 'a', position, events: events.slice(from, to) },
  ]);
  return handled!.effects;
}

const key = fc.constantFrom('A', 'B', 'C');
const history = fc.array(fc.dictionary(key, fc.constantFrom('x', 'y')), { minLength: 1, maxLength: 7 });
const span = fc.tuple(fc.nat(7), fc.nat(7));

describe('rows that are kept by the sequence of their run', () => {
  it('are those of the last state, whatever former owners wrote of runs of their own, and whenever', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(7)), fc.array(span, { maxLength: 4 }), async (data, cuts, spans) => {
        const events = data.map(eventOf);
        const bounds = [...new Set([0, ...cuts.filter((cut) => cut < events.length), events.length])].sort();
        const owners = bounds.slice(1).map((to, index) => [bounds[index]!, to] as const);
        const zombies = spans.map((ends) => ends.map((end) => Math.min(end, events.length)).sort());
        const runs = [...owners, ...zombies.map(([from, to]) => [from!, to!] as const)];
        const written = await Promise.all(
          runs.map(async ([from, to]) => ({ to, changes: await run(events, from, to) })),
        );
        // What wins does not depend on the order, but for this model's sake both the first and the last may be a zombie's.
        for (const order of [written, [...written].reverse()]) {
          const table = new RowsBySequence();
          for (const { to, changes } of order) table.apply(to, changes);
          expect(table.rows()).toEqual(sorted(foldAggregate(held, codec, events)));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('given a row of a state in between that a former owner wrote, then the run that went past it takes it away', async () => {
    const states: Filled['data'][] = [{ A: 'x' }, { B: 'x' }, { A: 'x' }];
    const events = states.map(eventOf);
    const table = new RowsBySequence();
    table.apply(1, await run(events, 0, 1));
    table.apply(3, await run(events, 1, 3));
    table.apply(2, await run(events, 1, 2)); // late: A is deleted and B is written, both of sequence 2
    expect(table.rows()).toEqual([{ key: 'A', id: 'a', value: 'x' }]);
  });
});
