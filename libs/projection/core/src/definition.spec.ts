import { DefinitionChangedError, definitionHash, versionedTableName, type ProjectionDefinition } from './definition.js';

const books: ProjectionDefinition = {
  group: 'books',
  version: 1,
  table: {
    name: 'books',
    columns: { book_id: 'uuid', title: 'text' },
    partitionKey: ['book_id'],
    clusteringKey: [{ column: 'title', order: 'asc' }],
  },
};

describe('the definition hash', () => {
  it('is the same however the columns are ordered, and whoever reads them', () => {
    const turned = {
      ...books,
      group: 'other',
      table: { ...books.table, columns: { title: 'text', book_id: 'uuid' } as const },
    };
    expect(definitionHash(turned)).toBe(definitionHash(books));
    expect(definitionHash(books)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not change with how a table is spread, which is no part of what is read', () => {
    expect(definitionHash({ ...books, table: { ...books.table, spreadBy: 'title' } })).toBe(definitionHash(books));
  });

  it.each([
    ['the version', { ...books, version: 2 }],
    ['the name', { ...books, table: { ...books.table, name: 'b' } }],
    [
      'a column',
      { ...books, table: { ...books.table, columns: { ...books.table.columns, pages: 'integer' as const } } },
    ],
    ['a type', { ...books, table: { ...books.table, columns: { ...books.table.columns, title: 'json' as const } } }],
    ['the partition key', { ...books, table: { ...books.table, partitionKey: ['title'] } }],
    ['an order', { ...books, table: { ...books.table, clusteringKey: [{ column: 'title', order: 'desc' as const }] } }],
  ])('changes with %s', (_name, changed) => {
    expect(definitionHash(changed)).not.toBe(definitionHash(books));
  });
});

describe('a projection version', () => {
  it('has a table of its own', () => {
    expect(versionedTableName(books.table, 2)).toBe('books_v2');
  });

  it('whose definition changed is refused with what to do', () => {
    const error = new DefinitionChangedError(books, 'abc');
    expect(error).toMatchObject({ code: 'definition-changed', retryable: false });
    expect(error.message).toMatch(/^projection books version 1 .*\(recorded abc, .* raise the projection's version/);
  });
});
