import type { ProjectionDefinition, Row } from '@chronicle/projection-core';

/** The table of the contract suites: a partition of books in a clustering order that goes down, up and down. */
export const books: ProjectionDefinition = {
  group: 'books-projection',
  version: 1,
  table: {
    name: 'books_by_shelf',
    columns: { shelf: 'text', at: 'timestamp', pages: 'integer', book_id: 'uuid', title: 'text', tags: 'json' },
    partitionKey: ['shelf'],
    clusteringKey: [
      { column: 'at', order: 'desc' },
      { column: 'pages', order: 'asc' },
      { column: 'book_id', order: 'desc' },
    ],
  },
};

/** A book with few distinct times and page numbers, so that rows tie in the leading columns of the key. */
export function book(number: number, changes: Row = {}): Row {
  return {
    shelf: 'A',
    at: `2026-11-25T19:03:0${number % 3}.000Z`,
    pages: Math.floor(number / 3) % 4,
    book_id: bookId(number),
    title: `Title ${number}`,
    tags: null,
    ...changes,
  };
}

export function bookId(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function keyOf(row: Row): Row {
  const { shelf, at, pages, book_id } = row;
  return { shelf: shelf!, at: at!, pages: pages!, book_id: book_id! };
}

/** The rows of one shelf as a reader must answer them. */
export function inClusteringOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort(
    (left, right) =>
      compare(right['at'], left['at']) ||
      compare(left['pages'], right['pages']) ||
      compare(right['book_id'], left['book_id']),
  );
}

function compare(left: Row[string] | undefined, right: Row[string] | undefined): number {
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}
