import type { Advance } from '@chronicle/change-feed-core';
import { statement } from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import type { ProjectionDefinition, Row, RowChange } from '@chronicle/projection-core';
import { systemClock, timestampText } from '@chronicle/seams';
import { CqlReadModelReader } from './cql-read-model-reader.js';
import { migrateReadModel } from './migrate-read-model.js';
import { openRowWriter } from './open-row-writer.js';

const BEGINNING = Date.parse('2026-11-28T12:00:00.000Z');
/** Cassandra warns from 1,001 tombstones. */
const ORDERS = 1_200;
const orders: ProjectionDefinition = {
  group: 'orders',
  version: 1,
  table: {
    name: 'orders',
    columns: { status: 'text', created_at: 'timestamp', order_id: 'text', carrier: 'text', total: 'integer' },
    partitionKey: ['status'],
    clusteringKey: [
      { column: 'created_at', order: 'desc' },
      { column: 'order_id', order: 'desc' },
    ],
  },
};

function order(number: number, status = 'CREATED'): Row {
  const created_at = timestampText(BEGINNING + number * 100);
  return { status, created_at, order_id: `order ${number}`, carrier: null, total: number };
}

function keyOf({ status, created_at, order_id }: Row): Row {
  return { status: status!, created_at: created_at!, order_id: order_id! };
}

const cassandra = new TestKeyspace(new TestCluster(process.env));
(cassandra.cluster.isThere ? describe : describe.skip)('a list that nearly every order has left', () => {
  const warnings: string[] = [];
  beforeAll(() => cassandra.create((warning) => void (/tombstone/.test(warning) && warnings.push(warning))));
  afterAll(() => cassandra.remove());

  /** All orders come into a list and all but the oldest leave it; returns a reader, and what makes that one leave too. */
  async function lived(definition: ProjectionDefinition) {
    const { port } = cassandra;
    await migrateReadModel(port, definition, cassandra.options);
    const writer = await openRowWriter(port, definition);
    const write = (sequence: number, numbers: readonly number[], effects: (number: number) => RowChange[]) =>
      writer.write(
        numbers.map((number): Advance<RowChange> => {
          const position = { sequence, state: null, parked: null };
          return { aggregateId: `order ${number}`, bucket: 5, epoch: 1, position, effects: effects(number) };
        }),
        async () => undefined,
      );
    const leave = (numbers: readonly number[]) =>
      write(2, numbers, (number) => [{ kind: 'delete', key: keyOf(order(number)) }]);
    const all = Array.from({ length: ORDERS }, (_, number) => number);
    await write(1, all, (number) => [{ kind: 'write', row: order(number) }]);
    await leave(all.slice(1));
    return { reader: new CqlReadModelReader({ port, definition, clock: systemClock }), leave };
  }

  it('is read past more tombstones than the server likes, where it is one partition', async () => {
    const { reader } = await lived(orders);
    expect(await reader.page({ partition: { status: 'CREATED' }, limit: 50 })).toEqual([order(0)]);
    expect(warnings).toEqual([expect.stringMatching(/1199 tombstone cells/)]);
  });

  it('is read without a warning where it is spread, and not at all when the last has left', async () => {
    warnings.length = 0;
    const table = { ...orders.table, name: 'orders_spread', spreadBy: 'created_at' };
    const { reader, leave } = await lived({ ...orders, group: 'orders-spread', table });
    expect(await reader.page({ partition: { status: 'CREATED' }, limit: 50 })).toEqual([order(0)]);
    await leave([0]);
    const directory = statement('test.directory', 'SELECT spread_live FROM orders_spread_v1_live');
    const { rows } = await cassandra.port.read(directory, []);
    expect(rows.map(({ spread_live }) => (spread_live as Uint8Array).length)).toEqual([0, 0]);
    expect(await reader.page({ partition: { status: 'CREATED' }, limit: 50 })).toEqual([]);
    expect(warnings).toEqual([]);
  });
});
