import type { Position } from '@chronicle/change-feed-core';
import type { OrderState } from '@chronicle/orders-domain';
import { keyColumns, type Row } from '@chronicle/projection-core';
import type { Clock } from '@chronicle/seams';
import type { CheckedReadModel, CheckedSystem } from './checked-system.js';
import { fieldDifferences, type Difference } from './difference.js';
import { standing } from './settle.js';

/** The column that names the order in every read model of orders. */
export const AGGREGATE_COLUMN = 'order_id';

/** A row may move between the reads of an examination; then it is done again. */
const EXAMINATIONS_MAX = 5;
const EXAMINE_AGAIN_MS = 50;

/** The rows that an aggregate has at each of its versions from `first` to `newest`. */
interface Versions {
  readonly first: number;
  readonly newest: number;
  readonly rows: readonly (readonly Row[])[];
}

/** The exact look at one aggregate in one read model: its events folded anew, its rows read by their keys. */
export class RowExamination {
  private readonly table;
  private readonly key: readonly string[];

  /** `strangers`: rows that a scan met and that were not the expected ones, by aggregate. */
  constructor(
    private readonly model: CheckedReadModel,
    private readonly system: Pick<CheckedSystem, 'events' | 'codec'>,
    private readonly clock: Clock,
    private readonly strangers: ReadonlyMap<string, readonly Row[]>,
  ) {
    this.table = model.projection.table;
    this.key = keyColumns(this.table);
  }

  /** The differences from what the rows must be at version `required` or a later one. `seen` was read before the call. */
  async examine(aggregateId: string, required: number, seen: Position): Promise<readonly Difference[]> {
    let position = seen;
    for (let attempt = 1; ; attempt += 1) {
      const versions = await this.versionsFrom(aggregateId, position.sequence);
      if (typeof versions === 'string') return [this.difference(aggregateId, 'unreadable', { detail: versions })];
      const differences = await this.compare(aggregateId, required, versions, position);
      if (differences.length === 0 || attempt === EXAMINATIONS_MAX) return differences;
      const now = (await this.model.progress.positions([aggregateId])).get(aggregateId) ?? seen;
      const isAtRest = now.sequence === position.sequence && (now.parked !== null || now.sequence >= versions.newest);
      if (isAtRest) return differences;
      position = now;
      await this.clock.sleep(EXAMINE_AGAIN_MS);
    }
  }

  /** Or why the aggregate cannot be folded. */
  private async versionsFrom(aggregateId: string, position: number): Promise<Versions | string> {
    let rows: (readonly Row[])[] = [[]];
    let first = 0;
    let newest = 0;
    let state: OrderState | undefined;
    for await (const page of this.system.events.load(aggregateId)) {
      for (const event of page) {
        try {
          state = this.model.projection.evolve(state, this.system.codec.decode(event));
          rows.push(this.model.projection.rows(state));
        } catch (error) {
          return (error as Error).message;
        }
        newest = event.sequenceNumber;
        if (newest <= position) {
          rows = rows.slice(-1);
          first = newest;
        }
      }
    }
    return { first, newest, rows };
  }

  private async compare(
    aggregateId: string,
    required: number,
    versions: Versions,
    position: Position,
  ): Promise<readonly Difference[]> {
    const found = await this.rowsFound([...versions.rows.flat(), ...(this.strangers.get(aggregateId) ?? [])]);
    const shown = versions.rows.findLastIndex((rows) => this.areSame(rows, found));
    const late = position.sequence < required ? standing(this.model.progress.group, position) : '';
    if (shown < 0) return this.differences(aggregateId, Math.max(required, versions.first), versions, found, late);
    const version = versions.first + shown;
    if (version >= required) return [];
    const detail = `shows version ${version} of ${required}: ${late}`;
    return [this.difference(aggregateId, 'behind', { sequenceNumber: required, detail })];
  }

  private async rowsFound(wanted: readonly Row[]): Promise<ReadonlyMap<string, Row>> {
    const keys = new Map(wanted.map((row) => [this.keyText(row), this.keyOf(row)]));
    const found = new Map<string, Row>();
    for (const [text, key] of keys) {
      const row = await this.model.reader.find(key);
      if (row) found.set(text, row);
    }
    return found;
  }

  private areSame(expected: readonly Row[], found: ReadonlyMap<string, Row>): boolean {
    if (expected.length !== found.size) return false;
    return expected.every((row) => {
      const other = found.get(this.keyText(row));
      return other !== undefined && fieldDifferences(row, other).length === 0;
    });
  }

  private differences(
    aggregateId: string,
    version: number,
    versions: Versions,
    found: ReadonlyMap<string, Row>,
    detail: string,
  ): readonly Difference[] {
    const rows = versions.rows[version - versions.first] ?? versions.rows.at(-1)!;
    const expected = new Map(rows.map((row) => [this.keyText(row), row]));
    const wrong = [...expected].flatMap(([text, row]) => {
      const other = found.get(text);
      const fields = other ? fieldDifferences(row, other) : [];
      if (other && fields.length === 0) return [];
      const kind = other ? 'different' : 'missing';
      return [this.difference(aggregateId, kind, { sequenceNumber: version, key: this.keyOf(row), fields, detail })];
    });
    const surplus = [...found].filter(([text]) => !expected.has(text));
    return [...wrong, ...surplus.map(([, row]) => this.difference(aggregateId, 'surplus', { key: this.keyOf(row) }))];
  }

  private difference(aggregateId: string, kind: Difference['kind'], facts: Partial<Difference>): Difference {
    const nothing = { sequenceNumber: null, key: null, fields: [], detail: '' };
    return { part: this.table.name, kind, aggregateId, ...nothing, ...facts };
  }

  private keyOf(row: Row): Row {
    return Object.fromEntries(this.key.map((column) => [column, row[column]!]));
  }

  private keyText(row: Row): string {
    return JSON.stringify(this.key.map((column) => row[column]));
  }
}
