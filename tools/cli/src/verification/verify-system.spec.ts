import { systemClock as clock } from '@chronicle/seams';
import { withCheckedSystem } from '../open-parts.js';
import { SmallSystem } from '../testing/small-system.js';
import type { Difference } from './difference.js';
import { verifySystem, type VerifyResult } from './verify-system.js';

const READ_MODEL_FILE = 'order-read-model-projection.db';
const BY_STATUS_FILE = 'orders-by-status-projection.db';

let system: SmallSystem;
let shipped: string;
let created: string;

beforeEach(async () => {
  system = await SmallSystem.open();
  await system.startWorkers();
  shipped = await system.order('SHIPPED');
  created = await system.order('CREATED');
  await system.settled();
});
afterEach(() => system.close());

function verify(graceMs = 0): Promise<VerifyResult> {
  return withCheckedSystem(system.location, (checked) => verifySystem(checked, { clock, graceMs }));
}

async function found(): Promise<readonly Difference[]> {
  const { parts, agrees } = await verify();
  const differences = parts.flatMap((part) => part.differences);
  expect(agrees).toBe(differences.length === 0);
  return differences;
}

function difference(part: string, kind: Difference['kind'], aggregateId: string, facts: Partial<Difference> = {}) {
  return { part, kind, aggregateId, sequenceNumber: null, key: null, fields: [], detail: '', ...facts };
}

describe('a system whose parts agree', () => {
  it('is told to agree, with what was checked and the lag that was left out', async () => {
    const result = await verify();
    expect(result).toMatchObject({ agrees: true, aggregates: 2, events: 4 });
    expect(result.parts.map(({ part }) => part)).toEqual([
      'event store',
      'change log',
      'order_read_model',
      'orders_by_customer',
      'orders_by_status',
      'orders.events',
    ]);
    expect(Date.parse(result.asOf)).toBeLessThanOrEqual(clock.now() - result.lagMs + 2);
  });

  it('agrees when it is empty', async () => {
    const empty = await SmallSystem.open();
    await empty.startWorkers();
    const result = await withCheckedSystem(empty.location, (checked) => verifySystem(checked, { clock, graceMs: 0 }));
    expect(result).toMatchObject({ agrees: true, aggregates: 0, events: 0 });
    await empty.close();
  });

  it('agrees while commands come in, however far its groups are behind', async () => {
    let stop = false;
    const writers = Array.from({ length: 8 }, async () => {
      while (!stop) await system.order('SHIPPED');
    });
    for (let round = 0; round < 5; round += 1) {
      const { parts } = await verify(30_000);
      expect(parts.flatMap(({ differences }) => differences)).toEqual([]);
    }
    stop = true;
    await Promise.all(writers);
  });

  it('tells how far it has come', async () => {
    const steps: [string, number][] = [];
    await withCheckedSystem(system.location, (checked) =>
      verifySystem(checked, { clock, graceMs: 0, onProgress: (step, done) => steps.push([step, done]) }),
    );
    expect(steps).toContainEqual(['event store', 4]);
    expect(steps).toContainEqual(['change log', 4]);
    expect(steps).toContainEqual(['orders_by_status', 2]);
    expect(steps.at(-1)).toEqual(['orders.events', 4]);
  });
});

describe('a read model', () => {
  it('given a row that is gone, then names it', async () => {
    expect(system.tamper(READ_MODEL_FILE, 'DELETE FROM order_read_model_v1 WHERE order_id = ?', shipped)).toBe(1);
    expect(await found()).toEqual([
      difference('order_read_model', 'missing', shipped, { sequenceNumber: 3, key: { order_id: shipped } }),
    ]);
  });

  it('given a changed field, then names row and field', async () => {
    system.tamper(
      BY_STATUS_FILE,
      `UPDATE orders_by_status_v1 SET total = 1, carrier = 'me' WHERE order_id = ?`,
      shipped,
    );
    const key = { status: 'SHIPPED', created_at: expect.any(String), order_id: shipped };
    const fields = [
      { field: 'total', expected: 3998, found: 1 },
      { field: 'carrier', expected: 'post', found: 'me' },
    ];
    expect(await found()).toEqual([
      difference('orders_by_status', 'different', shipped, { sequenceNumber: 3, key: key as never, fields }),
    ]);
  });

  it('given a row that should have moved on, then names it as surplus', async () => {
    const copy = `INSERT INTO orders_by_status_v1 SELECT * FROM orders_by_status_v1 WHERE order_id = ? AND status = 'SHIPPED'`;
    system.tamper(
      BY_STATUS_FILE,
      'CREATE TABLE copied AS SELECT * FROM orders_by_status_v1 WHERE order_id = ?',
      shipped,
    );
    system.tamper(BY_STATUS_FILE, `UPDATE copied SET status = 'CREATED'`);
    system.tamper(BY_STATUS_FILE, copy.replace(/SELECT.*/, 'SELECT * FROM copied'));
    const key = { status: 'CREATED', created_at: expect.any(String), order_id: shipped };
    expect(await found()).toEqual([difference('orders_by_status', 'surplus', shipped, { key: key as never })]);
  });

  it('given a row of an order that never was, then names it as surplus', async () => {
    const stranger = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    system.tamper(READ_MODEL_FILE, `UPDATE order_read_model_v1 SET order_id = ? WHERE order_id = ?`, stranger, created);
    expect(await found()).toEqual([
      difference('order_read_model', 'surplus', stranger, { key: { order_id: stranger } }),
      difference('order_read_model', 'missing', created, { sequenceNumber: 1, key: { order_id: created } }),
    ]);
  });

  it('given a key in another spelling, then names both rows', async () => {
    const other = shipped.toUpperCase();
    system.tamper(READ_MODEL_FILE, `UPDATE order_read_model_v1 SET order_id = ? WHERE order_id = ?`, other, shipped);
    expect((await found()).map(({ kind, key }) => [kind, key])).toEqual([
      ['surplus', { order_id: other }],
      ['missing', { order_id: shipped }],
    ]);
  });

  it('given a group that stands still, then names its orders as behind once its time is over', async () => {
    await system.worker('order-read-model-projection').pause();
    await system.execute({ type: 'ConfirmOrder', orderId: created });
    const { agrees, parts } = await verify(300);
    expect(agrees).toBe(false);
    const [behind] = parts.find(({ part }) => part === 'order_read_model')!.differences;
    expect(behind).toEqual(
      difference('order_read_model', 'behind', created, {
        sequenceNumber: 2,
        detail: 'shows version 1 of 2: consumer group order-read-model-projection has handled its events up to 1',
      }),
    );
  });

  it('given a group that comes on within its time, then agrees', async () => {
    const worker = system.worker('order-read-model-projection');
    await worker.pause();
    await system.execute({ type: 'ConfirmOrder', orderId: created });
    const verified = verify(30_000);
    await clock.sleep(300);
    await worker.resume();
    expect((await verified).agrees).toBe(true);
  });
});

describe('the change log', () => {
  it('given an event that is not in it, then names the event', async () => {
    const sql =
      'DELETE FROM outbox_messages WHERE position = (SELECT position FROM events WHERE aggregate_id = ? AND sequence_number = 2)';
    expect(system.tamper('events.db', sql, shipped)).toBe(1);
    expect(await found()).toEqual([difference('change log', 'missing', shipped, { sequenceNumber: 2 })]);
  });
});

describe('the topic', () => {
  const place = `key = ? AND headers LIKE '%"ce_sequence":"${'2'.padStart(19, '0')}"%'`;

  it('given a message that is gone, then names its event', async () => {
    expect(system.tamper('topic.db', `DELETE FROM messages WHERE ${place}`, shipped)).toBe(1);
    expect(await found()).toEqual([difference('orders.events', 'missing', shipped, { sequenceNumber: 2 })]);
  });

  it('given changed fields, then names them', async () => {
    system.tamper(
      'topic.db',
      `UPDATE messages SET headers = replace(headers, 'OrderConfirmed', 'Other') WHERE ${place}`,
      shipped,
    );
    expect(await found()).toEqual([
      difference('orders.events', 'different', shipped, {
        sequenceNumber: 2,
        fields: [
          {
            field: 'headers.ce_dataschema',
            expected: 'urn:chronicle:orders:OrderConfirmed:1',
            found: 'urn:chronicle:orders:Other:1',
          },
          { field: 'headers.ce_type', expected: 'OrderConfirmed', found: 'Other' },
        ],
        detail: expect.stringMatching(/^partition \d, offset \d$/) as never,
      }),
    ]);
  });

  it('given a repeat, then agrees; given a first occurrence after that of a later event, then names it', async () => {
    const again = `INSERT INTO messages SELECT partition, (SELECT max("offset") + 1 FROM messages), key, headers, value FROM messages WHERE ${place}`;
    system.tamper('topic.db', again, shipped);
    expect(await found()).toEqual([]);
    const first = `DELETE FROM messages WHERE rowid = (SELECT min(rowid) FROM messages WHERE ${place})`;
    expect(system.tamper('topic.db', first, shipped)).toBe(1);
    expect(await found()).toEqual([
      difference('orders.events', 'out-of-order', shipped, {
        sequenceNumber: 2,
        detail: expect.stringMatching(/^first met at partition \d, offset \d+, after 3$/) as never,
      }),
    ]);
  });

  it('given a message of no event, then names it as surplus', async () => {
    const stranger = `INSERT INTO messages VALUES (0, 1000, 'nobody', '{"ce_sequence":"7"}', '{}')`;
    system.tamper('topic.db', stranger);
    expect(await found()).toEqual([
      difference('orders.events', 'surplus', 'nobody', {
        sequenceNumber: 7,
        detail: expect.stringMatching(/^partition 0, offset \d+$/) as never,
      }),
    ]);
  });

  it('given a key in two partitions, then names the message', async () => {
    const moved = `UPDATE messages SET partition = (partition + 1) % 4, "offset" = 1000 WHERE ${place}`;
    system.tamper('topic.db', moved, shipped);
    expect((await found()).map(({ kind, sequenceNumber }) => [kind, sequenceNumber])).toContainEqual([
      'out-of-order',
      expect.any(Number),
    ]);
  });
});

describe('the event store itself', () => {
  it('given an event taken out of the middle, then names it, and what cannot be as it was', async () => {
    system.tamper('events.db', 'DELETE FROM events WHERE aggregate_id = ? AND sequence_number = 1', shipped);
    const differences = await found();
    expect(differences[0]).toEqual(
      difference('event store', 'missing', shipped, {
        sequenceNumber: 1,
        detail: 'event 1 should come next, event 2 does',
      }),
    );
    expect(differences.map(({ part, kind }) => `${part} ${kind}`)).toContain('order_read_model unreadable');
  });

  it('given an event changed after it was written, then names what was made from it', async () => {
    system.tamper(
      'events.db',
      `UPDATE events SET event_data = replace(event_data, 'post', 'me') WHERE aggregate_id = ?`,
      shipped,
    );
    expect((await found()).map(({ part, kind, fields }) => [part, kind, fields.map(({ field }) => field)])).toEqual([
      ['order_read_model', 'different', ['carrier']],
      ['orders_by_customer', 'different', ['carrier']],
      ['orders_by_status', 'different', ['carrier']],
      ['orders.events', 'different', ['value']],
    ]);
  });
});
