import type { BoundStatement, CqlValue } from './cql-port.js';
import { statement } from './cql-port.js';
import { parcels } from './parcels.js';

const name = statement('test.write', 'INSERT INTO things (id, text) VALUES (?, ?)');

function writes(count: number, value: CqlValue): BoundStatement[] {
  return Array.from({ length: count }, (_, index) => ({ statement: name, values: [index, value] }));
}

const sizes = (some: readonly BoundStatement[]) => parcels(some).map((parcel) => parcel.length);

describe('parcels of writes', () => {
  it('keep every write once, in its order', () => {
    const some = writes(25, 'text');
    expect(parcels(some).flat()).toEqual(some);
  });

  it('are none for no writes', () => expect(parcels([])).toEqual([]));

  it('hold ten writes at most, for an eleventh partition brings a warning', () => {
    expect(sizes(writes(25, 'text'))).toEqual([10, 10, 5]);
  });

  it.each([
    ['a text', 'x'.repeat(1_000)],
    ['a text of two bytes a character', 'é'.repeat(500)],
    ['bytes', new Uint8Array(1_000)],
    ['a list', Array.from({ length: 10 }, () => 'x'.repeat(100))],
    ['a set', new Set(Array.from({ length: 10 }, (_, index) => String(index).repeat(100)))],
    ['a map', new Map([['x'.repeat(500), 'y'.repeat(500)]])],
  ])('hold 4 KiB at most: three writes of 1,000 bytes, in %s', (_, value) => {
    expect(sizes(writes(7, value as CqlValue))).toEqual([3, 3, 1]);
  });

  it('given a write that is too large for any, then it goes alone and those around it do not', () => {
    expect(sizes([...writes(2, 'text'), ...writes(1, 'x'.repeat(5_000)), ...writes(2, 'text')])).toEqual([2, 1, 2]);
  });
});
