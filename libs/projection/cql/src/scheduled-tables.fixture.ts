import {
  CqlPort,
  CqlUnknownOutcomeError,
  type BoundStatement,
  type ConditionalResult,
  type CqlPage,
  type CqlRow,
  type CqlValue,
  type Statement,
} from '@chronicle/cql';
import type { Entropy } from '@chronicle/seams';

interface Cell {
  readonly stamp: bigint;
  readonly row: CqlRow | undefined;
}

interface Call {
  /** Takes effect, once. */
  carryOut(): void;
  /** Gives the caller its answer, or a failure that leaves the outcome open. */
  answer(failed: boolean): void;
  carriedOut: boolean;
  answered: boolean;
  /** It waits while anything else can happen, as a paused process or a lost way does. */
  readonly slow: boolean;
}

/** The share of calls that are slow, and how seldom one of them is drawn while others wait. */
const SLOW = 0.15;
const SLOW_DRAWN = 0.02;

/**
 * One spread table and its directory in memory, with writes that win by their stamps, as the database keeps them: partitioned by
 * `status`, spread by `created_at`, which with `order_id` is its clustering key. Every call takes effect, and is answered, when
 * {@link step} draws it; in between others are.
 */
export class ScheduledTables extends CqlPort {
  /** How often a call is answered as a failure, whether it takes effect later or not. */
  failures = 0;
  readonly #cells = new Map<string, Cell>();
  readonly #calls = new Set<Call>();
  readonly #entropy: Entropy;

  constructor(entropy: Entropy) {
    super();
    this.#entropy = entropy;
  }

  /** Draws what happens next; false when nothing waits. */
  step(): boolean {
    const entropy = this.#entropy;
    const quick = [...this.#calls].filter(({ slow }) => !slow);
    const calls = quick.length > 0 && entropy.fraction() > SLOW_DRAWN ? quick : [...this.#calls];
    const call = calls[Math.floor(entropy.fraction() * calls.length)];
    if (call === undefined) return false;
    if (!call.carriedOut && !(call.answered || entropy.fraction() < this.failures)) {
      call.carriedOut = true;
      call.carryOut();
      return true;
    }
    if (call.answered) {
      // Nobody waits for it any more. It is carried out late, or lost.
      if (entropy.fraction() < 0.5) call.carryOut();
      this.#calls.delete(call);
      return true;
    }
    call.answered = true;
    call.answer(!call.carriedOut);
    if (call.carriedOut) this.#calls.delete(call);
    return true;
  }

  /** Something that is read or written elsewhere, at a time that is drawn. */
  scheduled<Result>(effect: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#calls.add({
        carryOut: () => (result = effect()),
        answer: (failed) => (failed ? reject(new CqlUnknownOutcomeError('write: lost')) : resolve(result)),
        carriedOut: false,
        answered: false,
        slow: this.#entropy.fraction() < SLOW,
      });
    });
  }

  read(statement: Statement, values: readonly CqlValue[]): Promise<CqlPage> {
    return this.scheduled(() => ({ rows: this.#select(actionOf(statement), values), pageState: undefined }));
  }

  write(statement: Statement, values: readonly CqlValue[]): Promise<void> {
    return this.scheduled(() => this.#apply(actionOf(statement), values));
  }

  writeTogether(writes: readonly BoundStatement[]): Promise<void> {
    return this.scheduled(() => writes.forEach(({ statement, values }) => this.#apply(actionOf(statement), values)));
  }

  writeIf(): Promise<ConditionalResult> {
    return Promise.reject(new Error('no conditions here'));
  }

  async close(): Promise<void> {}

  #apply(action: string, values: readonly CqlValue[]): void {
    if (action === 'live-write') {
      const [stamp, spread_live, status, part, spread_slot] = values;
      this.#put(['live', status, part, spread_slot], stamp as bigint, { spread_live, spread_slot, stamp });
    } else if (action === 'write') {
      const [status, spread_slot, spread_window, created_at, order_id, row_json, stamp] = values;
      const row = { status, spread_slot, spread_window, created_at, order_id, row_json };
      this.#put(['row', status, spread_slot, spread_window, created_at, order_id], stamp as bigint, row);
    } else if (action === 'remove') {
      const [stamp, ...key] = values;
      this.#put(['row', ...key], stamp as bigint, undefined);
    } else {
      throw new Error(`no meaning is given to ${action}`);
    }
  }

  /** The later stamp wins, of equals a delete. */
  #put(key: readonly CqlValue[], stamp: bigint, row: CqlRow | undefined): void {
    const text = JSON.stringify(key);
    const old = this.#cells.get(text);
    if (old !== undefined && (old.stamp > stamp || (old.stamp === stamp && row !== undefined))) return;
    this.#cells.set(text, { stamp, row });
  }

  #select(action: string, values: readonly CqlValue[]): CqlRow[] {
    switch (action) {
      case 'live-all':
        return this.#rows(['live', ...values]);
      case 'live-one':
        return this.#rows(['live', ...values]);
      case 'first':
        return this.#rows(['row', ...values.slice(0, -1)]).slice(0, values.at(-1) as number);
      case 'spread-first': {
        const [status, slots, windows] = values as [string, number[], number[]];
        return slots.flatMap((slot) => windows.flatMap((window) => this.#rows(['row', status, slot, window])));
      }
      default:
        throw new Error(`no meaning is given to ${action}`);
    }
  }

  #rows(prefix: readonly CqlValue[]): CqlRow[] {
    const start = JSON.stringify(prefix).slice(0, -1);
    return [...this.#cells]
      .filter(([key, { row }]) => row !== undefined && (key === `${start}]` || key.startsWith(`${start},`)))
      .map(([, { row }]) => row!);
  }
}

/** `read-model.<action>.<table>` */
function actionOf(statement: Statement): string {
  return statement.name.split('.')[1]!;
}
