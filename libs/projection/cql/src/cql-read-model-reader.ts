import { CqlRefusedError, type CqlPort } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import {
  PAGE_ROWS_MAX,
  ReadModelReader,
  type PageRequest,
  type ProjectionDefinition,
  type Row,
} from '@chronicle/projection-core';
import type { Clock } from '@chronicle/seams';
import { liveVersion } from './projection-versions.js';
import { PlainTableReader } from './plain-table-reader.js';
import { SpreadTableReader } from './spread-table-reader.js';
import type { TableReader } from './table-reader.js';

/** How long a reader goes on with the version that was live when it last looked. */
const LIVE_VERSION_KNOWN_MS = 2000;

export interface CqlReadModelReaderOptions {
  /** Connected to the keyspace; stays its owner's to close. */
  readonly port: CqlPort;
  readonly definition: Pick<ProjectionDefinition, 'group' | 'table'>;
  readonly clock: Clock;
}

/** Reads the live version of a read model from ScyllaDB or Cassandra. Its table may come later. */
export class CqlReadModelReader extends ReadModelReader {
  readonly #options: CqlReadModelReaderOptions;
  #live: { readonly table: TableReader; readonly version: number; readonly seenAtMs: number } | undefined;

  /** Throws `InvalidTableError`. */
  constructor(options: CqlReadModelReaderOptions) {
    super();
    this.#options = options;
  }

  find(key: Row): Promise<Row | undefined> {
    return this.#read((table) => table.find(key));
  }

  async page(request: PageRequest): Promise<readonly Row[]> {
    const { limit } = request;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE_ROWS_MAX) {
      throw new RangeError(`a page of ${limit} rows was asked for: expected 1 to ${PAGE_ROWS_MAX}`);
    }
    return this.#read((table) => table.page(request));
  }

  /** A version that is made live meanwhile does not mix into this scan. */
  async *scan(): AsyncGenerator<readonly Row[], void, undefined> {
    const table = await this.#read(async (live) => live);
    const pages = table.scan();
    for (;;) {
      const { value, done } = await this.#told(pages.next());
      if (done) return;
      yield value;
    }
  }

  async close(): Promise<void> {
    this.#live = undefined;
  }

  async #read<Result>(read: (table: TableReader) => Promise<Result>): Promise<Result> {
    return this.#told(this.#liveTable().then(read));
  }

  async #liveTable(): Promise<TableReader> {
    const { port, definition, clock } = this.#options;
    const now = clock.monotonic();
    if (this.#live !== undefined && now - this.#live.seenAtMs < LIVE_VERSION_KNOWN_MS) return this.#live.table;
    const version = await liveVersion(port, definition.group);
    if (version === undefined) throw this.#missing();
    const table = this.#live?.version === version ? this.#live.table : openTable(port, { ...definition, version });
    this.#live = { table, version, seenAtMs: now };
    return table;
  }

  /** A table that is not there is refused by the database. */
  async #told<Result>(reading: Promise<Result>): Promise<Result> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof CqlRefusedError)) throw error;
      this.#live = undefined;
      throw this.#missing(error);
    }
  }

  #missing(cause?: unknown): StoreUnavailableError {
    const { group, table } = this.#options.definition;
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    return new StoreUnavailableError(
      `read model ${table.name} cannot be read${why}: start ${group}, which makes it, or run migrate`,
      { cause },
    );
  }
}

function openTable(port: CqlPort, definition: Pick<ProjectionDefinition, 'table' | 'version'>): TableReader {
  const { spreadBy } = definition.table;
  return spreadBy === undefined
    ? new PlainTableReader(port, definition)
    : new SpreadTableReader(port, definition, spreadBy);
}
