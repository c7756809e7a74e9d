import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setImmediate as turnOfEventLoop, setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { refuseNetworkFileSystem } from './network-file-system.js';
import { takePage } from './page.js';
import { applySchema, type SqliteSchema } from './schema.js';
import { isBusy, isUndecided, storeError, UndecidedCommitError } from './sqlite-error.js';

/** Prepared statements kept per connection. */
const STATEMENTS_MAX = 256;
/** How long a transaction tries to get a lock, unless told otherwise. */
const BUSY_WAIT_MAX_MS = 5000;
/** The random wait before a busy file is tried again is at most this long. SQLite's own busy handler blocks, and is unfair. */
const BUSY_JITTER_MS = 2;
/** Above this size a commit tries to empty the WAL; readers, which are short, may put it off for a few commits. */
const WAL_BYTES_MAX = 16 * 1024 * 1024;

export interface SqliteOptions {
  /** Absolute path of the file; it and its folders are made when missing. */
  readonly path: string;
  /** FULL: a commit survives a power cut. NORMAL: it survives the end of the process; a power cut takes back the last ones. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly schema?: SqliteSchema;
  /** Do not move the WAL into the file after a commit here (it takes an fsync): another connection does so after its own. */
  readonly leaveCheckpoints?: boolean;
  /** Make and change nothing: without the file, opening throws `StoreUnavailableError`. See {@link SqliteReader}. */
  readonly madeByOther?: boolean;
  /** How long one transaction tries to get a lock that others hold, in ms. Default {@link BUSY_WAIT_MAX_MS}. */
  readonly busyWaitMaxMs?: number;
}

/**
 * One connection to a SQLite file in WAL mode, shared with other connections and processes of this machine.
 *
 * Work happens in synchronous transactions that are never open across an `await`; only waiting for a lock and going from page
 * to page lets the event loop turn. Throws `StoreUnavailableError` when the file cannot be used or stays locked (nothing was
 * written), and what SQLite throws for a wrong statement.
 */
export class SqliteDatabase {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #busyWaitMaxMs: number;
  readonly #leaveCheckpoints: boolean;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(options: SqliteOptions, connection: DatabaseSync) {
    this.path = options.path;
    this.#connection = connection;
    this.#busyWaitMaxMs = options.busyWaitMaxMs ?? BUSY_WAIT_MAX_MS;
    this.#leaveCheckpoints = options.leaveCheckpoints ?? false;
  }

  /** Opens the file, made and brought to `schema` if need be. Throws `NetworkFileSystemError` and `NewerSchemaError` too. */
  static async open(options: SqliteOptions): Promise<SqliteDatabase> {
    const { path, busyWaitMaxMs = BUSY_WAIT_MAX_MS } = options;
    if (!options.madeByOther) mkdirSync(dirname(path), { recursive: true });
    else if (!existsSync(path)) throw new StoreUnavailableError(`${path} does not exist (yet): its writer makes it`);
    refuseNetworkFileSystem(dirname(path));
    const connection = await whileBusy(path, busyWaitMaxMs, () => connect(options));
    return new SqliteDatabase(options, connection);
  }

  /** The prepared statement of `sql`, kept for the next time. For use, like {@link row} and {@link rows}, inside a transaction. */
  statement(sql: string): StatementSync {
    const kept = this.#statements.get(sql);
    if (kept) return kept;
    const statement = this.#connection.prepare(sql);
    for (const eldest of this.#statements.keys()) {
      if (this.#statements.size < STATEMENTS_MAX) break;
      this.#statements.delete(eldest);
    }
    this.#statements.set(sql, statement);
    return statement;
  }

  /** The first row of `sql`, typed as the caller knows it to be. */
  row<Row>(sql: string, ...parameters: readonly SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...parameters) as Row | undefined;
  }

  /** The rows of `sql` one by one, typed as the caller knows them to be; those not asked for are not read. */
  rows<Row>(sql: string, ...parameters: readonly SQLInputValue[]): Iterable<Row> {
    return this.statement(sql).iterate(...parameters) as Iterable<unknown> as Iterable<Row>;
  }

  /** What `body` reads, all from one moment. `body` is synchronous and may run again. */
  read<T>(body: () => T): Promise<T> {
    return whileBusy(this.path, this.#busyWaitMaxMs, () => this.#transaction('BEGIN', body));
  }

  /**
   * Commits what `body` writes, or nothing of it when `body` or the commit throws. `body` is synchronous and may run again.
   * Throws {@link UndecidedCommitError} when a commit failed that may yet be found after a restart.
   */
  async write<T>(body: () => T): Promise<T> {
    const result = await whileBusy(this.path, this.#busyWaitMaxMs, () => this.#transaction('BEGIN IMMEDIATE', body));
    this.#boundWal();
    return result;
  }

  /**
   * Rows in pages that are bounded in number and bytes; the event loop turns between them. `rowsAfter` is asked for the rows
   * that follow `last` (undefined: from the start), in an order that `last` gives its place in; each page is of its own moment.
   */
  async *pages<Row>(
    rowsAfter: (last: Row | undefined) => Iterable<Row>,
    bytesOf: (row: Row) => number,
  ): AsyncGenerator<readonly Row[], void, undefined> {
    for (let last: Row | undefined; ;) {
      const page = await this.read(() => takePage(rowsAfter(last), bytesOf));
      if (page.rows.length > 0) yield page.rows;
      if (!page.more) return;
      last = page.rows.at(-1);
      await turnOfEventLoop();
    }
  }

  /** A number that changes when another connection has committed: the cheapest way to see that there is nothing new. */
  dataVersion(): number {
    return this.row<{ data_version: number }>('PRAGMA data_version')!.data_version;
  }

  /** Closes the connection; whatever is asked of it later throws `StoreUnavailableError`. May be repeated. */
  close(): void {
    this.#statements.clear();
    if (this.#connection.isOpen) this.#connection.close();
  }

  #transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', body: () => T): T {
    this.statement(begin).run();
    let result: T;
    try {
      result = body();
      if (result instanceof Promise)
        throw new TypeError('a transaction must not be open across an await: found an async body');
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    try {
      this.statement('COMMIT').run();
    } catch (error) {
      this.#rollBack();
      const undecided = begin === 'BEGIN IMMEDIATE' && isUndecided(error);
      throw undecided ? new UndecidedCommitError(this.path, { cause: error }) : error;
    }
    return result;
  }

  /** SQLite has rolled back by itself after some errors. */
  #rollBack(): void {
    if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
  }

  #boundWal(): void {
    if (this.#leaveCheckpoints) return;
    const wal = statSync(`${this.path}-wal`, { throwIfNoEntry: false });
    if (!wal || wal.size <= WAL_BYTES_MAX) return;
    try {
      this.statement('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } catch {
      // The commit stands. A lock is gone by the next commit, which tries again; a failing disk will fail that commit too.
    }
  }
}

function connect(options: SqliteOptions): DatabaseSync {
  const connection = new DatabaseSync(options.path, { timeout: 0, readOnly: options.madeByOther ?? false });
  if (options.madeByOther) return connection;
  try {
    const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal')
      throw new StoreUnavailableError(`${options.path}: expected journal mode wal, found ${String(mode)}`);
    connection.exec(`
      PRAGMA synchronous = ${options.synchronous};
      PRAGMA fullfsync = ${options.synchronous === 'FULL' ? 1 : 0}; -- macOS: fsync alone does not reach the disk
      PRAGMA journal_size_limit = ${WAL_BYTES_MAX};
      PRAGMA cache_size = -2048; -- KiB of each connection; what it misses is in the page cache of the machine
      PRAGMA temp_store = MEMORY;
    `);
    if (options.leaveCheckpoints) connection.exec('PRAGMA wal_autocheckpoint = 0');
    if (options.schema) applySchema(connection, options.path, options.schema);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Runs `attempt` until it meets no lock, at most `waitMaxMs` long; other errors of the file become `StoreUnavailableError`. */
async function whileBusy<T>(path: string, waitMaxMs: number, attempt: () => T): Promise<T> {
  const deadline = performance.now() + waitMaxMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw storeError(path, error);
    }
    await delay(Math.random() * BUSY_JITTER_MS);
  }
}
