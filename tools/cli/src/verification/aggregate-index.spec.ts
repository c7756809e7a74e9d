import { AggregateIndex } from './aggregate-index.js';

/** A UUID for every number, far from each other. */
function uuid(number: number): string {
  const hex = (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${hex}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

describe('the index of aggregates', () => {
  it('numbers them in the order of adding, and knows them again after it has grown many times', () => {
    const index = new AggregateIndex();
    const ids = Array.from({ length: 50_000 }, (_, number) => uuid(number));
    expect(ids.map((id) => index.add(id))).toEqual(ids.map((_, number) => number));
    expect(ids.map((id) => index.find(id))).toEqual(ids.map((_, number) => number));
    expect(ids.map((_, number) => index.idOf(number))).toEqual(ids);
    expect(index.size).toBe(50_000);
  });

  it('given an id again, then gives the number that it has', () => {
    const index = new AggregateIndex();
    expect([index.add(uuid(1)), index.add(uuid(2)), index.add(uuid(1))]).toEqual([0, 1, 0]);
  });

  it('given ids that differ in their last digits only, then tells them apart', () => {
    const index = new AggregateIndex();
    const ids = Array.from(
      { length: 10_000 },
      (_, number) => `01a21440-0000-7000-8000-${String(number).padStart(12, '0')}`,
    );
    ids.forEach((id) => index.add(id));
    expect(ids.map((id) => index.idOf(index.find(id)!))).toEqual(ids);
  });

  it('given ids that are no lower-case UUIDs, then keeps them as they are', () => {
    const index = new AggregateIndex();
    const ids = ['', 'order 1', uuid(1).toUpperCase(), 'ä'.repeat(100)];
    ids.forEach((id) => index.add(id));
    expect(ids.map((id) => index.idOf(index.find(id)!))).toEqual(ids);
    expect(index.find(uuid(1))).toBeUndefined();
  });

  it('does not find what was never added', () => {
    expect(new AggregateIndex().find(uuid(1))).toBeUndefined();
  });
});
