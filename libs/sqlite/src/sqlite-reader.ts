import { statSync } from 'node:fs';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { SqliteDatabase } from './sqlite-database.js';

/**
 * Reads a file that another process makes and writes. It is opened read-only when first needed, so that processes may start in
 * any order: until its writer has made the file and its tables, reading throws `StoreUnavailableError`. A file that was
 * deleted and made anew is opened anew.
 */
export class SqliteReader {
  #database: Promise<SqliteDatabase> | undefined;
  /** Which file is open: when it is deleted and made anew, the new one is the one to read. */
  #inode: number | undefined;
  #closed = false;

  constructor(readonly path: string) {}

  /** What `body` reads, all from one moment. `body` is synchronous and may run again. */
  async read<T>(body: (database: SqliteDatabase) => T): Promise<T> {
    const database = await this.#open();
    try {
      return await database.read(() => body(database));
    } catch (error) {
      throw isMissingTable(error)
        ? new StoreUnavailableError(`${this.path} is not complete yet`, { cause: error })
        : error;
    }
  }

  /** As `SqliteDatabase.pages`; `rowsAfter` gets the database to read from. */
  async *pages<Row>(
    rowsAfter: (database: SqliteDatabase, last: Row | undefined) => Iterable<Row>,
    bytesOf: (row: Row) => number,
  ): AsyncGenerator<readonly Row[], void, undefined> {
    const database = await this.#open();
    try {
      yield* database.pages<Row>((last) => rowsAfter(database, last), bytesOf);
    } catch (error) {
      throw isMissingTable(error)
        ? new StoreUnavailableError(`${this.path} is not complete yet`, { cause: error })
        : error;
    }
  }

  /** Closes the file; whatever is asked of it later throws `StoreUnavailableError`. May be repeated. */
  async close(): Promise<void> {
    this.#closed = true;
    const database = await this.#database?.catch(() => undefined);
    database?.close();
  }

  #open(): Promise<SqliteDatabase> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError(`${this.path} is closed`));
    const inode = statSync(this.path, { throwIfNoEntry: false })?.ino;
    if (this.#database && this.#inode === inode) return this.#database;
    const replaced = this.#database;
    const opening = SqliteDatabase.open({ path: this.path, synchronous: 'NORMAL', madeByOther: true });
    opening.catch(() => {
      if (this.#database === opening) this.#database = undefined;
    });
    this.#database = opening;
    this.#inode = inode;
    return replaced ? replaced.then((old) => (old.close(), opening)) : opening;
  }
}

function isMissingTable(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'message' in error && /^no such table/.test(String(error.message))
  );
}
