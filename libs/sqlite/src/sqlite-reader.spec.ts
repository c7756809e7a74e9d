import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteReader } from './sqlite-reader.js';

const unavailable = expect.objectContaining({ code: 'store-unavailable', retryable: true });

describe('a reader of a file that another process makes', () => {
  let folder: string;
  let reader: SqliteReader;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-reader-'));
    reader = new SqliteReader(join(folder, 'sub', 'a.db'));
  });
  afterEach(async () => {
    await reader.close();
    rmSync(folder, { recursive: true });
  });
  const count = () => reader.read((database) => database.statement('SELECT count(*) AS n FROM t').get()!['n']);
  const make = (ddl: string) =>
    SqliteDatabase.open({ path: reader.path, synchronous: 'NORMAL', schema: { version: 1, ddl } });

  it('given no file, then is unavailable and makes none', async () => {
    await expect(count()).rejects.toEqual(unavailable);
    expect(existsSync(reader.path)).toBe(false);
  });

  it('given no table yet, then is unavailable; once it is there, reads what is written', async () => {
    const empty = await make('CREATE TABLE other (a INTEGER)');
    await expect(count()).rejects.toEqual(unavailable);
    await expect(
      reader
        .pages(
          (database) => database.statement('SELECT * FROM t').iterate(),
          () => 1,
        )
        .next(),
    ).rejects.toEqual(unavailable);
    await empty.write(() => empty.statement('CREATE TABLE t (a INTEGER)').run());
    expect(await count()).toBe(0);
    await empty.write(() => empty.statement('INSERT INTO t VALUES (7)').run());
    expect(await count()).toBe(1);
    empty.close();
  });

  it('goes through the rows in pages', async () => {
    const database = await make('CREATE TABLE t (a INTEGER PRIMARY KEY)');
    await database.write(() => {
      for (let a = 0; a < 2500; a += 1) database.statement('INSERT INTO t VALUES (?)').run(a);
    });
    const pages: number[] = [];
    const rowsAfter = (file: SqliteDatabase, last?: { a: number }) =>
      file.statement('SELECT a FROM t WHERE a > ? ORDER BY a').iterate(last?.a ?? -1) as Iterable<{ a: number }>;
    for await (const page of reader.pages(rowsAfter, () => 1)) pages.push(page.length);
    expect(pages).toEqual([1000, 1000, 500]);
    database.close();
  });

  it('given the file is deleted and made anew, then reads the new one', async () => {
    const old = await make('CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)');
    expect(await count()).toBe(1);
    old.close();
    rmSync(dirname(reader.path), { recursive: true });
    await expect(count()).rejects.toEqual(unavailable);
    const anew = await make('CREATE TABLE t (a INTEGER)');
    expect(await Promise.all([count(), count()])).toEqual([0, 0]);
    anew.close();
  });

  it('cannot write', async () => {
    const database = await make('CREATE TABLE t (a INTEGER)');
    const write = reader.read((file) => file.statement('INSERT INTO t VALUES (1)').run());
    await expect(write).rejects.toEqual(unavailable);
    database.close();
  });

  it('given it is closed, then is unavailable', async () => {
    (await make('CREATE TABLE t (a INTEGER)')).close();
    expect(await count()).toBe(0);
    await reader.close();
    await expect(count()).rejects.toEqual(unavailable);
  });
});
