import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PAGE_ROWS_MAX,
  type ProjectionDefinition,
  type ReadModelReader,
  type Row,
  type RowChange,
} from '@chronicle/projection-core';
import { book, bookId, books, inClusteringOrder, keyOf } from './specimen.js';

/** One read model in an empty place of its own. */
export interface ReadModelHarness {
  /** Opened before anything was written. */
  readonly reader: ReadModelReader;
  /** Commits these changes through the adapter's own writer; the first call makes the table. */
  apply(changes: readonly RowChange[]): Promise<void>;
  close(): Promise<void>;
}

/** What every reader of a read model promises, whatever engine it reads. */
export function readModelContract(
  engine: string,
  open: (definition: ProjectionDefinition) => Promise<ReadModelHarness>,
): void {
  describe(`a read model on ${engine}`, () => {
    let harness: ReadModelHarness;
    beforeEach(async () => {
      harness = await open(books);
    });
    afterEach(() => harness.close());
    const write = (...rows: Row[]) => harness.apply(rows.map((row) => ({ kind: 'write', row })));
    const remove = (...rows: Row[]) => harness.apply(rows.map((row) => ({ kind: 'delete', key: keyOf(row) })));

    it('given it does not exist yet, then says that it is unavailable, and answers once it does', async () => {
      const unavailable = expect.objectContaining({ code: 'store-unavailable', retryable: true });
      await expect(harness.reader.find(keyOf(book(1)))).rejects.toEqual(unavailable);
      await expect(harness.reader.page({ partition: { shelf: 'A' }, limit: 1 })).rejects.toEqual(unavailable);
      await expect(all(harness.reader)).rejects.toEqual(unavailable);
      await write(book(1));
      expect(await harness.reader.find(keyOf(book(1)))).toEqual(book(1));
    });

    it('finds a row by its whole key, with every column as it was written', async () => {
      const row = book(1, { title: "Ünïcödé 📚 'quoted'", pages: Number.MAX_SAFE_INTEGER, tags: '{"a":[1,null]}' });
      await write(row, book(2));
      expect(await harness.reader.find(keyOf(row))).toEqual(row);
      expect(await harness.reader.find(keyOf(book(2)))).toEqual(book(2));
      expect(await harness.reader.find(keyOf(book(3)))).toBeUndefined();
    });

    it('given a row is written again or deleted, then finds what is there now', async () => {
      await write(book(1, { tags: '[]' }));
      await write(book(1, { title: 'Another' }));
      expect(await harness.reader.find(keyOf(book(1)))).toEqual(book(1, { title: 'Another' }));
      await remove(book(1));
      expect(await harness.reader.find(keyOf(book(1)))).toBeUndefined();
      await remove(book(1)); // deleting what is not there is no failure
    });

    it('pages through one partition in clustering order, whatever the size of the pages', async () => {
      const rows = Array.from({ length: 30 }, (_, number) => book(number));
      await write(...rows, book(99, { shelf: 'B' }));
      for (const limit of [1, 7, 30, PAGE_ROWS_MAX]) {
        expect(await through(harness.reader, 'A', limit)).toEqual(inClusteringOrder(rows));
      }
      expect(await through(harness.reader, 'B', 1)).toEqual([book(99, { shelf: 'B' })]);
      expect(await through(harness.reader, 'C', 1)).toEqual([]);
    });

    it('goes on after a key whose row is gone', async () => {
      const rows = inClusteringOrder(Array.from({ length: 12 }, (_, number) => book(number)));
      await write(...rows);
      await remove(rows[5]!);
      const page = await harness.reader.page({ partition: { shelf: 'A' }, after: keyOf(rows[5]!), limit: 3 });
      expect(page).toEqual(rows.slice(6, 9));
    });

    it('neither skips nor repeats a row that matches all along, whatever is written between pages', async () => {
      const staying = Array.from({ length: 40 }, (_, number) => book(number * 2));
      await write(...staying);
      const seen: Row[] = [];
      for (let page = 0; page < 100; page += 1) {
        const after = seen.at(-1);
        const rows = await harness.reader.page({ partition: { shelf: 'A' }, limit: 4, ...(after && { after }) });
        seen.push(...rows);
        if (rows.length === 0) break;
        const coming = book(page * 2 + 1);
        await harness.apply([
          { kind: 'write', row: coming },
          { kind: 'delete', key: keyOf(book(Math.max(1, page * 2 - 5))) },
        ]);
      }
      const stayed = seen.filter(({ book_id }) => Number(String(book_id).slice(-12)) % 2 === 0);
      expect(stayed).toEqual(inClusteringOrder(staying));
      expect(new Set(seen.map(({ book_id }) => book_id)).size).toBe(seen.length);
    });

    it.each([0, -1, 1.5, PAGE_ROWS_MAX + 1])('refuses a page of %p rows', async (limit) => {
      await write(book(1));
      await expect(harness.reader.page({ partition: { shelf: 'A' }, limit })).rejects.toThrow(/page of .* rows/);
    });

    it('scans every row of every partition once, in bounded pages', async () => {
      const rows = Array.from({ length: 2 * PAGE_ROWS_MAX + 1 }, (_, number) =>
        book(number, { shelf: `S${number % 7}` }),
      );
      await write(...rows);
      const pages = await all(harness.reader);
      expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(PAGE_ROWS_MAX);
      const found = pages.flat().sort((left, right) => (String(left['book_id']) < String(right['book_id']) ? -1 : 1));
      expect(found).toEqual(rows);
      expect(found.at(-1)!['book_id']).toBe(bookId(2 * PAGE_ROWS_MAX));
    });
  });
}

async function through(reader: ReadModelReader, shelf: string, limit: number): Promise<Row[]> {
  const seen: Row[] = [];
  for (;;) {
    const after = seen.at(-1);
    const rows = await reader.page({ partition: { shelf }, limit, ...(after && { after }) });
    if (rows.length === 0) return seen;
    seen.push(...rows);
  }
}

async function all(reader: ReadModelReader): Promise<(readonly Row[])[]> {
  const pages: (readonly Row[])[] = [];
  for await (const page of reader.scan()) pages.push(page);
  return pages;
}
