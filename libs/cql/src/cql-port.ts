import { atOnce } from './at-once.js';

/**
 * What a value of a statement or a column may be: uuids and times as texts (RFC 3339 UTC with milliseconds), `int` and
 * `tinyint` as numbers, `bigint` as a bigint, blobs and timeuuids as bytes, maps as Maps, sets as Sets. `undefined` in a
 * write leaves the column as it is (unset); null deletes it.
 */
export type CqlValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | ReadonlyMap<string, string>
  | ReadonlySet<string>
  | ReadonlySet<Uint8Array>
  | readonly CqlValue[]
  | null
  | undefined;

/** One row: its columns by name; a column without a value is null. */
export type CqlRow = { readonly [column: string]: CqlValue };

/**
 * A statement under a name. Adapters declare theirs as constants, a closed list, so that a simulation can give each name its
 * meaning and one suite can compare that meaning with the text's on a real database.
 */
export interface Statement {
  /** `library.what-it-does`, unique. */
  readonly name: string;
  /** CQL with `?` for each value; tables are named without a keyspace. */
  readonly cql: string;
}

/** Declares a statement. */
export function statement(name: string, cql: string): Statement {
  return Object.freeze({ name, cql: cql.replace(/\s+/g, ' ').trim() });
}

/** A statement with its values, in the order of its question marks. */
export interface BoundStatement {
  readonly statement: Statement;
  readonly values: readonly CqlValue[];
}

export interface ReadOptions {
  /** Goes on after the page that gave this state; bound to the same statement and values. */
  readonly pageState?: string;
  /** The most rows of the page (default {@link PAGE_ROWS_MAX}); a page may be shorter, even empty, with more to come. */
  readonly rowsMax?: number;
  /** Asks this node, `address:port`, and no other. */
  readonly host?: string;
  /**
   * Of one partition that conditions are put on: finishes the conditional writes that are under way there, and is answered what
   * every later read will see too, of all their rows (LOCAL_SERIAL). Another read may see a part of one that has not come far yet,
   * and the next read not.
   */
  readonly settled?: boolean;
}

/** The most rows of a page, unless a read asks for fewer. */
export const PAGE_ROWS_MAX = 1000;

/** Requests of one {@link CqlPort.writeAll} under way at a time. */
const WRITES_AT_ONCE = 64;

export interface CqlPage {
  readonly rows: readonly CqlRow[];
  /** Undefined at the end, and only there. */
  readonly pageState: string | undefined;
}

/** A conditional batch that was carried out: whether it applied, and when it did not, what stands there instead. */
export type ConditionalResult =
  { readonly applied: true } | { readonly applied: false; readonly current: CqlRow | undefined };

/**
 * All that the adapters say to a cluster database. Reads and writes are at LOCAL_QUORUM, conditions at LOCAL_SERIAL; times
 * of writes are the server's unless a statement says otherwise. Nothing is retried here once it may have been sent: only
 * the caller knows what a repeat would mean. Every method throws `StoreUnavailableError` (certainly not carried out), or
 * one of `CqlUnknownOutcomeError` (writes only) and `CqlRefusedError`.
 */
export abstract class CqlPort {
  /** Reads one page. A failure on the way is a `StoreUnavailableError`: a read can be repeated. */
  abstract read(statement: Statement, values: readonly CqlValue[], options?: ReadOptions): Promise<CqlPage>;

  /** The nodes that can be asked by {@link ReadOptions.host}: all of the datacentre. A port without it does not tell nodes apart. */
  hosts?(): readonly string[];

  /** Carries out one unconditional write. */
  abstract write(statement: Statement, values: readonly CqlValue[]): Promise<void>;

  /** Carries out unconditional writes of one partition together: all become visible, or, after an error, perhaps all later. */
  abstract writeTogether(writes: readonly BoundStatement[]): Promise<void>;

  /** Carries out a write, or several of one partition, if all conditions in them hold; else nothing. */
  abstract writeIf(writes: readonly BoundStatement[]): Promise<ConditionalResult>;

  /** Resolves when what is under way has ended; then frees what is held. Stop calling first. */
  abstract close(): Promise<void>;

  /**
   * Carries out unconditional writes of any partitions, in no order; all are there when it resolves. After any error each of them
   * may be there, or come later. Here each is a request of its own, which a port may do in fewer.
   */
  async writeAll(writes: readonly BoundStatement[]): Promise<void> {
    await atOnce(writes, WRITES_AT_ONCE, ({ statement, values }) => this.write(statement, values));
  }

  /** Every row, page after page. */
  async *pages(
    statement: Statement,
    values: readonly CqlValue[],
    options: Omit<ReadOptions, 'pageState'> = {},
  ): AsyncIterable<readonly CqlRow[]> {
    let pageState: string | undefined;
    do {
      const page: CqlPage = await this.read(statement, values, { ...options, pageState });
      if (page.rows.length > 0) yield page.rows;
      pageState = page.pageState;
    } while (pageState !== undefined);
  }

  /** The one row that a statement finds, if any. For statements that can find no more than one page. */
  async readOne(
    statement: Statement,
    values: readonly CqlValue[],
    options: Pick<ReadOptions, 'settled' | 'host'> = {},
  ): Promise<CqlRow | undefined> {
    for await (const rows of this.pages(statement, values, options)) return rows[0];
    return undefined;
  }
}
