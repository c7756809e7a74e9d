import type { ProjectionDefinition, Row, RowChange } from '@chronicle/projection-core';
import { TableRules } from '@chronicle/projection-core';
import { seededEntropy, type Entropy } from '@chronicle/seams';
import fc from 'fast-check';
import { ScheduledTables } from './scheduled-tables.fixture.js';
import { SpreadRowWriter } from './spread-row-writer.js';
import { SpreadTableReader } from './spread-table-reader.js';

// Owners of one slot, one after another, each of which may go on long after it has lost it; requests that are carried out at any
// time after they were sent, or answered as failures. In the end, readers find exactly the rows of the last states.

const definition: ProjectionDefinition = {
  group: 'orders',
  version: 1,
  table: {
    name: 'orders',
    columns: { status: 'text', created_at: 'timestamp', order_id: 'text' },
    partitionKey: ['status'],
    clusteringKey: [
      { column: 'created_at', order: 'desc' },
      { column: 'order_id', order: 'desc' },
    ],
    spreadBy: 'created_at',
  },
};
const STATUSES = ['A', 'B'];
const rules = new TableRules(definition.table);

/** An order is in one status after each event, or in none. */
interface Order {
  readonly id: string;
  readonly createdAt: string;
  readonly states: readonly (string | null)[];
}

function rowsOf({ id, createdAt, states }: Order, sequence: number): readonly Row[] {
  const status = states[sequence - 1] ?? null;
  return status === null ? [] : [{ status, created_at: createdAt, order_id: id }];
}

/** What a handler answers for the events after `from` up to `to`. */
function changes(order: Order, from: number, to: number): RowChange[] {
  const touched = new Map<string, Row>();
  for (let sequence = from + 1; sequence <= to; sequence += 1) {
    const [before] = rowsOf(order, sequence - 1);
    const [after] = rowsOf(order, sequence);
    if (before?.['status'] === after?.['status']) continue;
    for (const row of [before, after]) if (row) touched.set(rules.keyText(row), row);
  }
  const [last] = rowsOf(order, to);
  return [...touched.values()].map((row) =>
    row['status'] === last?.['status'] ? { kind: 'write', row } : { kind: 'delete', key: row },
  );
}

class World {
  readonly tables: ScheduledTables;
  readonly #positions = new Map<string, number>();
  #epoch = 0;

  constructor(entropy: Entropy) {
    this.tables = new ScheduledTables(entropy);
  }

  /** A new owner, which works until every order is at its end or it learns that it lost the slot; others go on until they learn it. */
  async own(orders: readonly Order[], runLength: number): Promise<void> {
    const epoch = (this.#epoch += 1);
    const writer = new SpreadRowWriter({ port: this.tables, definition, revision: 0 }, 'created_at');
    try {
      for (;;) {
        const done = await this.#workOn(orders, runLength, writer, epoch).catch((error: Error) => {
          if (error instanceof LostError) throw error;
          return false; // its outcome is open: it is done again
        });
        if (done) return;
      }
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
    }
  }

  async #workOn(orders: readonly Order[], runLength: number, writer: SpreadRowWriter, epoch: number): Promise<boolean> {
    const { tables } = this;
    const refuseLost = async () => {
      if ((await tables.scheduled(() => this.#epoch)) !== epoch) throw new LostError();
    };
    await refuseLost();
    const positions = await tables.scheduled(() => new Map(this.#positions));
    const advances = orders.flatMap((order) => {
      const from = positions.get(order.id) ?? 0;
      const to = Math.min(from + runLength, order.states.length);
      if (from === to) return [];
      const position = { sequence: to, state: null, parked: null };
      return [{ aggregateId: order.id, bucket: 7, epoch, position, effects: changes(order, from, to) }];
    });
    if (advances.length === 0) return true;
    await writer.write(advances, refuseLost);
    await Promise.all(
      advances.map(({ aggregateId, position: { sequence } }) =>
        tables.scheduled(() =>
          this.#positions.set(aggregateId, Math.max(sequence, this.#positions.get(aggregateId) ?? 0)),
        ),
      ),
    );
    return false;
  }
}

class LostError extends Error {}

const order = fc.record({
  createdAt: fc.constantFrom('2026-11-27T23:59:55.000Z', '2026-11-28T00:00:05.000Z', '2026-11-28T00:00:15.000Z'),
  states: fc.array(fc.constantFrom('A', 'B', null), { minLength: 2, maxLength: 5 }),
});
const history = fc.record({
  orders: fc.array(order, { minLength: 1, maxLength: 3 }),
  owners: fc.array(fc.record({ afterSteps: fc.nat(60), runLength: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 2,
    maxLength: 4,
  }),
  failures: fc.constantFrom(0, 0.05),
  seed: fc.integer(),
});

describe('the owners of a slot, one after another', () => {
  it('leave what readers find as the rows of the last states, whenever former owners and their requests come through', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ orders: drawn, owners, failures, seed }) => {
        const orders = drawn.map((one, index) => ({ ...one, id: `order ${index}` }));
        const world = new World(seededEntropy(seed));
        const working: Promise<void>[] = [];
        world.tables.failures = failures;
        for (const { afterSteps, runLength } of owners) {
          working.push(world.own(orders, runLength));
          for (let step = 0; step < afterSteps; step += 1) {
            await settle();
            world.tables.step();
          }
        }
        await drain(world);
        await Promise.all(working);
        world.tables.failures = 0;
        const reader = new SpreadTableReader(world.tables, definition, 'created_at');
        for (const status of STATUSES) {
          const reading = reader.page({ partition: { status }, limit: 100 });
          await drain(world);
          const expected = orders
            .flatMap((one) => rowsOf(one, one.states.length))
            .filter((row) => row['status'] === status);
          expect(byId(await reading)).toEqual(byId(expected));
        }
      }),
      { numRuns: Number(process.env.SCHEDULES ?? 400) },
    );
  });
});

/** Carries out all that waits, and what follows from it. */
async function drain(world: World): Promise<void> {
  do await settle();
  while (world.tables.step());
}

/** Lets everybody go on as far as they come. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function byId(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((left, right) => (left['order_id']! < right['order_id']! ? -1 : 1));
}
