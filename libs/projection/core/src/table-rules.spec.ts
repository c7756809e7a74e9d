import type { Row, TableDefinition } from './projection.js';
import { InvalidRowError, InvalidTableError, TableRules } from './table-rules.js';

const table: TableDefinition = {
  name: 'books_by_shelf',
  columns: { shelf: 'text', book_id: 'uuid', pages: 'integer', tags: 'json', at: 'timestamp' },
  partitionKey: ['shelf'],
  clusteringKey: [
    { column: 'at', order: 'desc' },
    { column: 'book_id', order: 'asc' },
  ],
};
const rules = new TableRules(table);
const good: Row = { shelf: 'A', book_id: 'b1', pages: 3, tags: null, at: '2026-11-25T19:03:21.123Z' };

describe('the rules of a table', () => {
  it('accept rows with every column, whose key holds the aggregate id', () => {
    expect(() => rules.check([good, { ...good, shelf: 'B', pages: null }], 'b1')).not.toThrow();
  });

  it.each([
    ['a missing column', { shelf: 'A', book_id: 'b1', pages: 3, at: 't' }, 'column tags is missing'],
    ['an extra column', { ...good, colour: 'red' }, 'colour is no column of the table'],
    ['a text in an integer column', { ...good, pages: '3' }, 'column pages is not a integer'],
    ['an unsafe integer', { ...good, pages: 2 ** 53 }, 'column pages is not a integer'],
    ['a number in a text column', { ...good, shelf: 7 }, 'column shelf is not a text'],
    ['a null in the key', { ...good, at: null }, 'key column at is null'],
    [
      'a key without the aggregate id',
      { ...good, book_id: 'b2' },
      /the key \(shelf, at, book_id\) lacks the aggregate's id/,
    ],
  ])('refuse %s', (_name, row, problem) => {
    const refused = expect.objectContaining({ table: 'books_by_shelf', aggregateId: 'b1', retryable: false });
    expect(() => rules.check([row as Row], 'b1')).toThrow(InvalidRowError);
    expect(() => rules.check([row as Row], 'b1')).toThrow(refused);
    expect(() => rules.check([row as Row], 'b1')).toThrow(problem);
  });

  it('accept a table that is spread by the time that leads its clustering key', () => {
    expect(() => new TableRules({ ...table, spreadBy: 'at' })).not.toThrow();
  });

  it('refuse two rows with one key', () => {
    expect(() => rules.check([good, { ...good, pages: 4 }], 'b1')).toThrow('two rows have the same key');
  });

  it.each([
    ['no partition key', { ...table, partitionKey: [] }, 'it has no partition key'],
    ['a key column that is none', { ...table, partitionKey: ['room'] }, 'its key names room, which is no column'],
    ['a key column twice', { ...table, partitionKey: ['shelf', 'at'] }, 'its key names a column twice'],
    ['a spread by another column than the first', { ...table, spreadBy: 'book_id' }, 'it is spread by book_id, which'],
    [
      'a spread by what is no time',
      {
        ...table,
        spreadBy: 'pages',
        clusteringKey: [{ column: 'pages', order: 'asc' as const }, ...table.clusteringKey],
      },
      'it is spread by pages, which is not a timestamp that leads its clustering key',
    ],
  ])('refuse a table with %s', (_name, broken, problem) => {
    expect(() => new TableRules(broken)).toThrow(InvalidTableError);
    expect(() => new TableRules(broken)).toThrow(problem);
  });
});
