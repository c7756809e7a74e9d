import { orderReadModel } from '@chronicle/orders-read-models';
import type { ReadModelReader, Row } from '@chronicle/projection-core';
import type { Clock } from '@chronicle/seams';
import { READ_FIRST_PAUSE_MS_MAX, READ_POLL_MS, READS_PER_MS_MAX, ReadOrder } from './read-order.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const everybody = { customerId: null, everyCustomer: true };
const stranger = { customerId: '00000000-0000-4000-8000-000000000000', everyCustomer: false };

/** A read model with one order at a version that a spec moves. */
class OneOrder implements Pick<ReadModelReader, 'find'> {
  reads = 0;
  constructor(public version: number) {}

  async find(key: Row): Promise<Row | undefined> {
    this.reads += 1;
    if (this.version === 0 || key.order_id !== orderId) return undefined;
    const timestamp = '2026-11-25T19:03:21.123Z';
    const data = { orderId, customerId, currency: 'EUR', items: [{ productId: 'a', quantity: 1, unitPrice: 5 }] };
    const place = { aggregateId: orderId, sequenceNumber: this.version, timestamp };
    const [row] = orderReadModel.rows(orderReadModel.evolve(undefined, { type: 'OrderCreated', data, ...place }));
    return row;
  }
}

/** A clock that only moves when somebody sleeps, and tells of every sleep. */
class SteppedClock implements Clock {
  readonly slept: number[] = [];
  private time = 5_000;
  get elapsed(): number {
    return this.time - 5_000;
  }
  constructor(private readonly onSleep: (elapsedMs: number) => void = () => undefined) {}
  now = () => this.time;
  monotonic = () => this.time;
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.time += ms;
    this.onSleep(this.elapsed);
  }
}

function given(version: number, onSleep?: (elapsedMs: number, model: OneOrder) => void) {
  const model = new OneOrder(version);
  const clock = new SteppedClock((elapsedMs) => onSleep?.(elapsedMs, model));
  return { model, clock, reader: new ReadOrder(model as unknown as ReadModelReader, clock) };
}

describe('ReadOrder', () => {
  it('given an order at the version wanted, then it is answered without waiting', async () => {
    const { reader, clock } = given(3);
    const result = await reader.execute({ orderId, access: everybody, minVersion: 3, waitMs: 2000 });
    expect(result).toEqual({ outcome: 'found', order: expect.objectContaining({ orderId, customerId, version: 3 }) });
    expect(clock.slept).toEqual([]);
  });

  it('given an unknown order and no version wanted, then it is not found, at once', async () => {
    const { reader, clock } = given(0);
    expect(await reader.execute({ orderId, access: everybody, minVersion: 0, waitMs: 2000 })).toEqual({
      outcome: 'not-found',
    });
    expect(clock.slept).toEqual([]);
  });

  it('given a version that arrives while waiting, then it is answered at the next look', async () => {
    const { reader, clock } = given(1, (elapsedMs, model) => (model.version = elapsedMs >= 25 ? 2 : 1));
    const result = await reader.execute({ orderId, access: everybody, minVersion: 2, waitMs: 2000 });
    expect(result).toMatchObject({ outcome: 'found', order: { version: 2 } });
    expect(clock.slept).toEqual([READ_POLL_MS, READ_POLL_MS, READ_POLL_MS]);
  });

  it('given an order that appears while waiting, then it is answered', async () => {
    const { reader } = given(0, (_, model) => (model.version = 1));
    const result = await reader.execute({ orderId, access: everybody, minVersion: 1, waitMs: 50 });
    expect(result).toMatchObject({ outcome: 'found', order: { version: 1 } });
  });

  it('given a version that never arrives, then the wait ends when it said it would, with a last look', async () => {
    const { reader, clock, model } = given(1);
    const result = await reader.execute({ orderId, access: everybody, minVersion: 2, waitMs: 25 });
    expect(result).toEqual({ outcome: 'not-yet-visible' });
    expect(clock.slept).toEqual([10, 10, 5]);
    expect(model.reads).toBe(4);
  });

  it('given no time to wait, then one look decides', async () => {
    const { reader, model } = given(1);
    expect(await reader.execute({ orderId, access: everybody, minVersion: 2, waitMs: 0 })).toEqual({
      outcome: 'not-yet-visible',
    });
    expect(model.reads).toBe(1);
  });

  it.each([0, 1])(
    'given minVersion %d, then an order of somebody else and none at all answer and wait alike',
    async (minVersion) => {
      const foreign = given(5);
      const absent = given(0);
      const request = { orderId, access: stranger, minVersion, waitMs: 30 };
      expect(await foreign.reader.execute(request)).toEqual(await absent.reader.execute(request));
      expect(foreign.clock.slept).toEqual(absent.clock.slept);
      expect(foreign.model.reads).toBe(absent.model.reads);
    },
  );

  it('given the caller is the customer, then the order is answered', async () => {
    const { reader } = given(1);
    const access = { customerId, everyCustomer: false };
    expect(await reader.execute({ orderId, access, minVersion: 0, waitMs: 0 })).toMatchObject({ outcome: 'found' });
  });

  it('given a long wait, then each pause is a quarter of the wait so far', async () => {
    const { reader, clock } = given(0);
    await reader.execute({ orderId, access: everybody, minVersion: 1, waitMs: 150 });
    expect(clock.slept).toEqual([10, 10, 10, 10, 10, 12.5, 15.625, 19.53125, 24.4140625, 27.9296875]);
  });

  describe('given readers who had to wait', () => {
    /** The pauses of the last of these readers, each of whom had to wait so many ms. */
    async function pausesOfLast(waits: readonly number[]): Promise<readonly number[]> {
      let visibleAt = 0;
      const { reader, clock, model } = given(0, (elapsedMs) => (model.version = elapsedMs >= visibleAt ? 1 : 0));
      for (const ms of waits) {
        model.version = 0;
        visibleAt = clock.elapsed + ms;
        clock.slept.length = 0;
        await reader.execute({ orderId, access: everybody, minVersion: 1, waitMs: 2000 });
      }
      return clock.slept;
    }
    const often = (ms: number) => Array.from({ length: 60 }, () => ms);

    it('then the next looks again when half of that is over, and from there on as often as ever', async () => {
      const [first = 0, second] = await pausesOfLast(often(60));
      expect([Math.round(first), second]).toEqual([34, READ_POLL_MS]); // they find it 60 to 68 ms after they came
    });

    it('very long, then the next looks again after a tenth of a second all the same', async () => {
      expect((await pausesOfLast(often(1000)))[0]).toBe(READ_FIRST_PAUSE_MS_MAX);
    });

    it('and no more, then the next looks again as soon as ever', async () => {
      expect((await pausesOfLast([...often(60), ...often(1)]))[0]).toBe(READ_POLL_MS);
    });
  });

  it('given many waiting readers, then each looks less often, so that all together stay within the bound', async () => {
    const { reader, clock } = given(0);
    const request = { orderId, access: everybody, minVersion: 1, waitMs: 100 };
    await Promise.all(Array.from({ length: 300 }, () => reader.execute(request)));
    expect(Math.max(...clock.slept)).toBe(300 / READS_PER_MS_MAX);
  });
});
