import type { TableDefinition } from '@chronicle/projection-core';
import { createTableSql, keyOrder, pageSql, partitionOrder } from './table-sql.js';

const books: TableDefinition = {
  name: 'books',
  columns: { shelf: 'text', at: 'timestamp', pages: 'integer' },
  partitionKey: ['shelf'],
  clusteringKey: [
    { column: 'at', order: 'desc' },
    { column: 'pages', order: 'asc' },
  ],
};

describe('the SQL of a table', () => {
  it('lays rows in partition and clustering order', () => {
    expect(createTableSql('books_v1', books)).toBe(
      'CREATE TABLE IF NOT EXISTS "books_v1" ("shelf" TEXT NOT NULL, "at" TEXT NOT NULL, "pages" INTEGER NOT NULL, ' +
        'PRIMARY KEY ("shelf" ASC, "at" DESC, "pages" ASC)) STRICT, WITHOUT ROWID',
    );
  });

  it('compares places by a row value where all columns go one way', () => {
    const order = [...books.clusteringKey].map(({ column }) => ({ column, order: 'desc' as const }));
    expect(pageSql('b', books, { fixed: ['shelf'], order, after: order })).toBe(
      'SELECT "shelf", "at", "pages" FROM "b" WHERE "shelf" = ? AND ("at", "pages") < (?2, ?3) ' +
        'ORDER BY "shelf" ASC, "at" DESC, "pages" DESC LIMIT ?',
    );
  });

  it('spells the comparison out where they do not, with a bound to seek by', () => {
    expect(pageSql('b', books, { fixed: [], order: keyOrder(books), after: keyOrder(books) })).toBe(
      'SELECT "shelf", "at", "pages" FROM "b" WHERE "shelf" >= ?1 AND ("shelf" > ?1 OR ("shelf" = ?1 AND ' +
        '("at" < ?2 OR ("at" = ?2 AND "pages" > ?3)))) ORDER BY "shelf" ASC, "at" DESC, "pages" ASC LIMIT ?',
    );
  });

  it('can go on with the next partition', () => {
    expect(pageSql('b', books, { fixed: [], order: keyOrder(books), after: partitionOrder(books) })).toBe(
      'SELECT "shelf", "at", "pages" FROM "b" WHERE ("shelf") > (?1) ORDER BY "shelf" ASC, "at" DESC, "pages" ASC LIMIT ?',
    );
  });
});
