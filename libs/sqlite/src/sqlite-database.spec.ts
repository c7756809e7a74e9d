import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jest } from '@jest/globals';
import { SqliteDatabase, type SqliteOptions } from './sqlite-database.js';

const schema = { version: 1, ddl: 'CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY, text TEXT)' };
const unavailable = (text: string) => ({
  code: 'store-unavailable',
  retryable: true,
  message: expect.stringContaining(text),
});

describe('SqliteDatabase', () => {
  let folder: string;
  let path: string;
  let opened: { close(): void }[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    path = join(folder, 'made', 'on', 'the', 'way.db');
    opened = [];
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const database of opened) database.close();
    rmSync(folder, { recursive: true });
  });

  async function open(options: Partial<SqliteOptions> = {}): Promise<SqliteDatabase> {
    const database = await SqliteDatabase.open({ path, synchronous: 'FULL', schema, ...options });
    opened.push(database);
    return database;
  }
  /** A connection of its own, as another process has one, that does what it is told at once. */
  function raw(): DatabaseSync {
    const connection = new DatabaseSync(path);
    opened.push({ close: () => connection.isOpen && connection.close() });
    return connection;
  }
  const insert = (database: SqliteDatabase, n: number, text = '') =>
    database.write(() => database.statement('INSERT INTO numbers VALUES (?, ?)').run(n, text));
  const numbers = (database: SqliteDatabase) =>
    database.read(() => [...database.rows<{ n: number }>('SELECT n FROM numbers ORDER BY n')].map(({ n }) => n));

  describe('opening', () => {
    it('makes folders, file and tables, in WAL mode', async () => {
      const database = await open();
      expect(await numbers(database)).toEqual([]);
      expect(database.row('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' });
      expect(database.row('PRAGMA synchronous')).toMatchObject({ synchronous: 2 });
      expect((await open({ synchronous: 'NORMAL' })).row('PRAGMA synchronous')).toMatchObject({ synchronous: 1 });
    });

    it('by many at once, when nothing is there, gives them one file', async () => {
      const databases = await Promise.all(Array.from({ length: 8 }, () => open()));
      await Promise.all(databases.map((database, n) => insert(database, n)));
      expect(await numbers(databases[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    it('brings a file of an older version to today’s and keeps what is in it; and refuses one of a newer', async () => {
      await insert(await open(), 1);
      const ddl = `${schema.ddl}; CREATE TABLE IF NOT EXISTS words (word TEXT)`;
      const newer = await open({ schema: { version: 2, ddl } });
      expect([await numbers(newer), newer.row('SELECT count(*) AS n FROM words')]).toMatchObject([[1], { n: 0 }]);
      await expect(open()).rejects.toMatchObject({ code: 'newer-schema', found: 2, known: 1, retryable: false });
    });

    it('given a file that is none of SQLite’s, then is unavailable', async () => {
      path = join(folder, 'text.db');
      writeFileSync(
        path,
        'this is text, and long enough to be taken for a header of a database file, or is it?'.repeat(20),
      );
      await expect(open()).rejects.toMatchObject(unavailable('not a database'));
    });
  });

  describe('a transaction', () => {
    it('that throws leaves nothing behind, and passes the error', async () => {
      const database = await open();
      const bug = new RangeError('a bug');
      const failing = database.write(() => {
        database.statement('INSERT INTO numbers (n) VALUES (1)').run();
        throw bug;
      });
      await expect(failing).rejects.toBe(bug);
      await expect(database.write(() => database.statement('INSERT INTO nowhere VALUES (1)'))).rejects.toMatchObject({
        code: 'ERR_SQLITE_ERROR',
      });
      expect(await numbers(database)).toEqual([]);
    });

    it('that is asynchronous is refused', async () => {
      const database = await open();
      const body = async () => database.statement('INSERT INTO numbers (n) VALUES (1)').run();
      await expect(database.write(body)).rejects.toThrow('across an await');
      expect(await numbers(database)).toEqual([]);
    });

    it('that reads sees one moment, whatever others commit meanwhile', async () => {
      const database = await open();
      const other = raw();
      const counts = await database.read(() => {
        const count = () => database.row<{ n: number }>('SELECT count(*) AS n FROM numbers')!.n;
        const before = count();
        other.exec('INSERT INTO numbers (n) VALUES (1)');
        return [before, count()];
      });
      expect(counts).toEqual([0, 0]);
      expect(await numbers(database)).toEqual([1]);
    });

    it('given the file is locked, then waits without blocking the event loop, and goes on', async () => {
      const database = await open();
      const other = raw();
      other.exec('BEGIN IMMEDIATE');
      const writing = insert(database, 1);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
      other.exec('COMMIT');
      await writing;
      expect(await numbers(database)).toEqual([1]);
    });

    it('given the file stays locked, then is unavailable after the longest wait', async () => {
      const database = await open({ busyWaitMaxMs: 30 });
      raw().exec('BEGIN IMMEDIATE');
      await expect(insert(database, 1)).rejects.toMatchObject(unavailable('locked'));
    });

    it('given no room, then is unavailable and nothing is written; with room again, it goes on', async () => {
      const database = await open();
      database.statement('PRAGMA max_page_count = 10').get();
      await expect(insert(database, 1, 'x'.repeat(100_000))).rejects.toMatchObject(unavailable('full'));
      database.statement('PRAGMA max_page_count = 10000').get();
      await insert(database, 2, 'x'.repeat(100_000));
      expect(await numbers(database)).toEqual([2]);
    });

    it('after close is unavailable', async () => {
      const database = await open();
      database.close();
      database.close();
      await expect(numbers(database)).rejects.toMatchObject(unavailable('not open'));
    });
  });

  describe('a commit that fails', () => {
    /** Makes the next COMMIT of a transaction fail with a result code of SQLite. */
    function failCommit(database: SqliteDatabase, errcode: number): void {
      const commit = database.statement('COMMIT');
      jest.spyOn(commit, 'run').mockImplementationOnce(() => {
        throw Object.assign(new Error(`result code ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode });
      });
    }

    it.each([
      ['disk I/O error in an fsync', 1034],
      ['a damaged file', 11],
    ])('with %s is undecided', async (_, errcode) => {
      const database = await open();
      failCommit(database, errcode);
      await expect(insert(database, 1)).rejects.toMatchObject({ code: 'undecided-commit', cause: { errcode } });
      await insert(database, 2);
      expect(await numbers(database)).toEqual([2]);
    });

    it('for want of room is certain: nothing was written', async () => {
      const database = await open();
      failCommit(database, 13);
      await expect(insert(database, 1)).rejects.toMatchObject(unavailable('result code 13'));
      expect(await numbers(database)).toEqual([]);
    });

    it('for a lock is tried again', async () => {
      const database = await open();
      failCommit(database, 5);
      await insert(database, 1);
      expect(await numbers(database)).toEqual([1]);
    });
  });

  describe('pages', () => {
    const rowsAfter = (database: SqliteDatabase) => (last: { n: number } | undefined) =>
      database.rows<{ n: number; text: string }>('SELECT * FROM numbers WHERE n > ? ORDER BY n', last?.n ?? -1);
    async function filled(rows: number, text = ''): Promise<SqliteDatabase> {
      const database = await open();
      const statement = database.statement('INSERT INTO numbers VALUES (?, ?)');
      await database.write(() => Array.from({ length: rows }, (_, n) => statement.run(n, text)));
      return database;
    }

    it('are bounded in rows, and the event loop turns between them', async () => {
      const database = await filled(2500);
      const log: unknown[] = [];
      for await (const page of database.pages(rowsAfter(database), () => 1)) {
        log.push(page.length);
        setImmediate(() => log.push('turn'));
      }
      expect(log).toEqual([1000, 'turn', 1000, 'turn', 500]);
    });

    it('are bounded in bytes', async () => {
      const database = await filled(10, 'x'.repeat(1024 * 1024));
      const lengths: number[] = [];
      for await (const page of database.pages(rowsAfter(database), ({ text }) => text.length))
        lengths.push(page.length);
      expect(lengths).toEqual([4, 4, 2]);
    });

    it('of nothing are none', async () => {
      const database = await open();
      for await (const page of database.pages(rowsAfter(database), () => 1))
        throw new Error(`a page of ${page.length}`);
    });
  });

  describe('the WAL', () => {
    it('is emptied when it has grown, though a reader stood in the way for a while', async () => {
      const database = await open({ synchronous: 'NORMAL' });
      const reader = raw();
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM numbers').get();
      const wal = () => statSync(`${path}-wal`).size;
      for (let n = 0; n < 24; n += 1) await insert(database, n, 'x'.repeat(1024 * 1024));
      expect(wal()).toBeGreaterThan(16 * 1024 * 1024);
      reader.exec('COMMIT');
      await insert(database, 100);
      expect(wal()).toBeLessThan(1024 * 1024);
    });

    it('is left alone by a connection that leaves it to others', async () => {
      const database = await open({ synchronous: 'NORMAL', leaveCheckpoints: true });
      for (let n = 0; n < 18; n += 1) await insert(database, n, 'x'.repeat(1024 * 1024));
      expect(statSync(`${path}-wal`).size).toBeGreaterThan(17 * 1024 * 1024);
    });
  });

  it('tells by its data version that others have committed', async () => {
    const database = await open();
    const before = database.dataVersion();
    await insert(database, 1);
    expect(database.dataVersion()).toBe(before);
    raw().exec('INSERT INTO numbers (n) VALUES (2)');
    expect(database.dataVersion()).not.toBe(before);
  });

  it('prepares a statement once, and keeps not too many', async () => {
    const database = await open();
    const first = database.statement('SELECT 1');
    expect(database.statement('SELECT 1')).toBe(first);
    for (let n = 0; n < 300; n += 1) database.statement(`SELECT ${n + 1000}`);
    expect(database.statement('SELECT 1')).not.toBe(first);
  });
});
