import {
  CqlPort,
  PAGE_ROWS_MAX,
  type BoundStatement,
  type ConditionalResult,
  type CqlPage,
  type CqlRow,
  type CqlValue,
  type ReadOptions,
  type Statement,
} from '@chronicle/cql';
import { systemClock } from '@chronicle/seams';
import { InMemoryCluster } from './in-memory-cluster.js';
import { InMemoryCqlPort } from './in-memory-cql-port.js';

/** Columns that hold the time of a node, by its own clock. */
const TIMES = new Set(['time', 'now']);
const TIMES_APART_MAX_MS = 2_000;
/** Columns that hold what a node has made up. */
const MADE_UP = new Set(['cdc$time']);
/** Short, so that every longer answer comes in several. */
const MEMORY_PAGE_ROWS = 7;

/**
 * Says everything to a real database and to the one in memory, one request after another, and notes where their answers are not the
 * same. The caller gets the real one's.
 */
export class TwinPort extends CqlPort {
  readonly differences: string[] = [];
  /** What each statement has been answered with, by name: of a read `rows` or `no rows`, of a condition `applied` or `not applied`. */
  readonly answers = new Map<string, Set<string>>();
  readonly #real: CqlPort;
  #memory: InMemoryCqlPort = emptyMemory();
  #last: Promise<unknown> = Promise.resolve();

  constructor(real: CqlPort) {
    super();
    this.#real = real;
  }

  /** Forgets all rows; empty the real database too. */
  emptyMemory(): void {
    this.#memory = emptyMemory();
  }

  /** Whole answers are compared, however each side cuts its pages. */
  override read(statement: Statement, values: readonly CqlValue[], options: ReadOptions = {}): Promise<CqlPage> {
    return this.#inTurn(async () => {
      const { settled = false } = options;
      const real = await allRows(this.#real, statement, values, { settled });
      const memory = await allRows(this.#memory, statement, values, {});
      this.#note(statement, real.length > 0 ? 'rows' : 'no rows');
      this.#compare(statement, values, real, memory);
      const { rowsMax = PAGE_ROWS_MAX, pageState = '0' } = options;
      const end = Number(pageState) + rowsMax;
      const rows = real.slice(Number(pageState), end);
      return { rows, pageState: end < real.length ? String(end) : undefined };
    });
  }

  override write(statement: Statement, values: readonly CqlValue[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#real.write(statement, values);
      await this.#memory.write(statement, values);
      this.#note(statement, 'written');
    });
  }

  override writeTogether(writes: readonly BoundStatement[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#real.writeTogether(writes);
      await this.#memory.writeTogether(writes);
      for (const { statement } of writes) this.#note(statement, 'written');
    });
  }

  override writeIf(writes: readonly BoundStatement[]): Promise<ConditionalResult> {
    return this.#inTurn(async () => {
      const real = await this.#real.writeIf(writes);
      const memory = await this.#memory.writeIf(writes);
      for (const { statement } of writes) this.#note(statement, real.applied ? 'applied' : 'not applied');
      const [first] = writes;
      const isOne = writes.length === 1;
      this.#compare(first!.statement, first!.values, isOne ? real : real.applied, isOne ? memory : memory.applied);
      return real;
    });
  }

  override async close(): Promise<void> {
    await this.#last;
  }

  #inTurn<Result>(request: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(request);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #note(statement: Statement, answer: string): void {
    this.answers.set(statement.name, (this.answers.get(statement.name) ?? new Set()).add(answer));
  }

  #compare(statement: Statement, values: readonly CqlValue[], real: unknown, memory: unknown): void {
    if (shown(real) === shown(memory)) return;
    this.differences.push(
      `${statement.name}(${values.map(shown).join(', ')})\n  real:   ${shown(real)}\n  memory: ${shown(memory)}`,
    );
  }
}

function emptyMemory(): InMemoryCqlPort {
  return new InMemoryCqlPort(new InMemoryCluster({ now: () => systemClock.now(), pageRowsMax: MEMORY_PAGE_ROWS }));
}

async function allRows(
  port: CqlPort,
  statement: Statement,
  values: readonly CqlValue[],
  options: Pick<ReadOptions, 'settled'>,
): Promise<CqlRow[]> {
  const all: CqlRow[] = [];
  for await (const rows of port.pages(statement, values, options)) all.push(...rows);
  return all;
}

/** The same text for what is the same. */
function shown(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => comparable(key, member)) ?? 'undefined';
}

function comparable(key: string, value: unknown): unknown {
  if (MADE_UP.has(key)) return 'made up';
  if (TIMES.has(key) && typeof value === 'string') {
    return Math.abs(Date.parse(value) - systemClock.now()) < TIMES_APART_MAX_MS ? 'about now' : value;
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (isBuffer(value)) return Buffer.from(value.data).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return { map: [...value].sort() };
  if (value instanceof Set) return { set: [...value].map((item) => shown(item)).sort() };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  }
  return value;
}

/** What `toJSON` has made of a Buffer before it comes to {@link comparable}. */
function isBuffer(value: unknown): value is { readonly type: 'Buffer'; readonly data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
}
