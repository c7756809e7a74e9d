import type { CdcRow } from './cdc-session.js';
import { ChangeDecodeError, ChangeDecoder } from './decode-changes.js';

const key = {
  partition: [{ name: 'pk', type: 'int' }],
  clustering: [
    { name: 'c1', type: 'int' },
    { name: 'c2', type: 'int' },
  ],
};

/** A row of a log with an atomic column `v` and a map `m`; absent columns are null, as a page gives them. */
function row(operation: number, cells: Record<string, unknown> = {}): CdcRow {
  const empty = { v: null, cdc$deleted_v: null, m: null, cdc$deleted_m: null, cdc$deleted_elements_m: null };
  return { cdc$operation: operation, cdc$ttl: null, pk: 1, c1: 2, c2: 3, ...empty, ...cells };
}

const decoder = new ChangeDecoder(key);
const decode = (...rows: CdcRow[]) => decoder.decode(rows, Object.keys(rows[0] ?? {}));
const rowKey = { pk: 1, c1: 2, c2: 3 };
const noImages = { before: null, after: null };

describe('changes', () => {
  it('tell an insert from an update, with key, values and TTL', () => {
    expect(decode(row(2, { v: 7 }), row(1, { v: 8, cdc$ttl: 60n }))).toEqual([
      { kind: 'insert', key: rowKey, values: { v: 7 }, collections: {}, ttlS: null, static: false, ...noImages },
      { kind: 'update', key: rowKey, values: { v: 8 }, collections: {}, ttlS: 60, static: false, ...noImages },
    ]);
  });

  it('trap 7.10: leave out what was not touched, and say null for what was deleted', () => {
    expect(decode(row(1, { cdc$deleted_v: true }))).toMatchObject([{ values: { v: null }, collections: {} }]);
    expect(decode(row(1))).toMatchObject([{ values: {}, collections: {} }]);
  });

  it('trap 8.1: do not take a deletion mark of false for a deletion', () => {
    expect(decode(row(1, { cdc$deleted_v: false }))).toMatchObject([{ values: {} }]);
    expect(decode(row(1, { v: 5, cdc$deleted_v: false, m: new Map([['a', 1]]), cdc$deleted_m: false }))).toMatchObject([
      { values: { v: 5 }, collections: { m: { added: new Map([['a', 1]]), removed: null } } },
    ]);
  });

  it('trap 8.1: know a replaced collection, a deleted one, and one of which elements changed', () => {
    const map = new Map([['a', 'b']]);
    expect(decode(row(2, { m: map, cdc$deleted_m: true }))).toMatchObject([{ values: { m: map }, collections: {} }]);
    expect(decode(row(1, { cdc$deleted_m: true }))).toMatchObject([{ values: { m: null }, collections: {} }]);
    expect(decode(row(1, { m: map, cdc$deleted_elements_m: ['x'] }))).toMatchObject([
      { values: {}, collections: { m: { added: map, removed: ['x'] } } },
    ]);
  });

  it('trap 8.1: of an insert of a map with TTL are three in one group', () => {
    const map = new Map([['a', 'b']]);
    const changes = decode(
      row(2, { cdc$ttl: 9n, v: 1 }),
      row(1, { cdc$deleted_m: true }),
      row(1, { cdc$ttl: 9n, m: map }),
    );
    expect(changes.map(({ kind }) => kind)).toEqual(['insert', 'update', 'update']);
    expect(changes[2]).toMatchObject({ collections: { m: { added: map, removed: null } }, ttlS: 9 });
  });

  it('know static columns by their missing clustering key', () => {
    expect(decode(row(1, { c1: null, c2: null, v: 1 }))).toMatchObject([
      { static: true, key: { pk: 1, c1: null, c2: null } },
    ]);
    const flat = new ChangeDecoder({ partition: key.partition, clustering: [] }).decode([row(1, { v: 1 })], ['v']);
    expect(flat).toMatchObject([{ static: false }]);
  });

  it('trap 7.7: tell deletes of rows and partitions, by whom: operations -3 and -4 are an expiry', () => {
    expect(decode(row(3), row(-3), row(4, { c1: null, c2: null }), row(-4, { c1: null, c2: null }))).toEqual([
      { kind: 'delete-row', key: rowKey, cause: 'request', ...noImages },
      { kind: 'delete-row', key: rowKey, cause: 'expiry', ...noImages },
      { kind: 'delete-partition', key: { pk: 1 }, cause: 'request', ...noImages },
      { kind: 'delete-partition', key: { pk: 1 }, cause: 'expiry', ...noImages },
    ]);
  });

  it('put the two rows of a range delete together: bounds, prefixes, open ends', () => {
    expect(decode(row(5, { c2: null }), row(8))).toEqual([
      {
        kind: 'delete-range',
        key: { pk: 1 },
        from: { values: { c1: 2 }, inclusive: true },
        to: { values: { c1: 2, c2: 3 }, inclusive: false },
      },
    ]);
    expect(decode(row(6), row(7, { c1: null, c2: null }))).toMatchObject([{ from: { inclusive: false }, to: null }]);
    expect(decode(row(5, { c1: null, c2: null }), row(7))).toMatchObject([{ from: null, to: { inclusive: true } }]);
  });

  it('get the images of their own row, however the group is ordered', () => {
    const a = { c2: 10 };
    const b = { c2: 20 };
    const changes = decode(
      row(0, { ...a, v: 1 }),
      row(0, { ...b, v: 2 }),
      row(1, { ...a, v: 3 }),
      row(1, { ...b, v: 4 }),
      row(9, { ...a, v: 3 }),
      row(9, { ...b, v: 4, m: new Map() }),
    );
    expect(changes).toMatchObject([
      { key: { c2: 10 }, before: { v: 1 }, values: { v: 3 }, after: { v: 3 } },
      { key: { c2: 20 }, before: { v: 2 }, values: { v: 4 }, after: { v: 4, m: new Map() } },
    ]);
    expect(changes).toHaveLength(2);
  });

  it('include an image that has no change', () => {
    expect(decode(row(0, { v: 1 }), row(1, { c2: 9, v: 2 }))).toMatchObject([
      { kind: 'update', before: null },
      { kind: 'image', which: 'before', key: rowKey, values: { v: 1 } },
    ]);
  });

  it('follow the columns of the page: added ones appear, dropped ones are absent', () => {
    const { v: _, ...without } = row(2, { added: 'x', cdc$deleted_added: null });
    expect(decode(without)).toMatchObject([{ values: { added: 'x' } }]);
  });

  it('refuse what they do not know', () => {
    expect(() => decode(row(11))).toThrow(new ChangeDecodeError('the operation 11'));
    expect(() => decode(row(5))).toThrow(new ChangeDecodeError('the start of a range delete without its end'));
    expect(() => decode(row(7))).toThrow(new ChangeDecodeError('the end of a range delete without its start'));
  });
});
