import type { CdcRow } from './cdc-session.js';
import type {
  Change,
  CollectionChange,
  Imaged,
  LogValues,
  LoneImage,
  RangeBound,
  RangeDelete,
  RowWrite,
} from './log-change.js';
import type { KeyColumn, PrimaryKey } from './partition-key.js';

/** What a log group cannot be turned into changes for. The message says what was found. */
export class ChangeDecodeError extends Error {
  override readonly name = 'ChangeDecodeError';
}

const PREIMAGE = 0;
const POSTIMAGE = 9;
const NO_IMAGES: Imaged = { before: null, after: null };

/** Turns the rows of one log group into changes, in their order; images go to the changes of the same row. */
export class ChangeDecoder {
  /** Those of the last page, by reference: its groups follow each other. */
  #names: readonly string[] = [];
  #columns: readonly ValueColumn[] = [];

  constructor(private readonly primaryKey: PrimaryKey) {}

  /** `names`: the columns of the page that the rows are from. Throws {@link ChangeDecodeError}. */
  decode(rows: readonly CdcRow[], names: readonly string[]): readonly Change[] {
    const { primaryKey } = this;
    const columns = this.#columnsOf(names);
    const images = imagesOf(rows, primaryKey, columns);
    const changes: Change[] = [];
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] as CdcRow;
      const operation = row['cdc$operation'];
      if (operation === PREIMAGE || operation === POSTIMAGE) continue;
      if (operation === 5 || operation === 6) {
        changes.push(rangeDelete(row, rows[index + 1], primaryKey));
        index += 1;
      } else changes.push(rowChange(row, primaryKey, columns, images));
    }
    changes.push(...images.left());
    return changes;
  }

  #columnsOf(names: readonly string[]): readonly ValueColumn[] {
    if (names !== this.#names) {
      this.#names = names;
      this.#columns = valueColumns(names, this.primaryKey);
    }
    return this.#columns;
  }
}

function rowChange(row: CdcRow, primaryKey: PrimaryKey, columns: readonly ValueColumn[], images: Images): Change {
  const operation = row['cdc$operation'];
  const key = keyOf(row, primaryKey);
  switch (operation) {
    case 1:
    case 2:
      return {
        kind: operation === 2 ? 'insert' : 'update',
        key,
        ...written(row, columns),
        ttlS: row['cdc$ttl'] === null || row['cdc$ttl'] === undefined ? null : Number(row['cdc$ttl']),
        static: primaryKey.clustering.length > 0 && primaryKey.clustering.every(({ name }) => isNull(row[name])),
        ...images.of(key),
      };
    case 3:
    case -3:
      return { kind: 'delete-row', key, cause: operation === 3 ? 'request' : 'expiry', ...images.of(key) };
    case 4:
    case -4:
      return {
        kind: 'delete-partition',
        key: partitionOf(row, primaryKey),
        cause: operation === 4 ? 'request' : 'expiry',
        ...images.of(key),
      };
    case 7:
    case 8:
      throw new ChangeDecodeError('the end of a range delete without its start');
    default:
      throw new ChangeDecodeError(`the operation ${String(operation)}`);
  }
}

function rangeDelete(start: CdcRow, end: CdcRow | undefined, primaryKey: PrimaryKey): RangeDelete {
  if (end?.['cdc$operation'] !== 7 && end?.['cdc$operation'] !== 8) {
    throw new ChangeDecodeError('the start of a range delete without its end');
  }
  return {
    kind: 'delete-range',
    key: partitionOf(start, primaryKey),
    from: bound(start, primaryKey, 5),
    to: bound(end, primaryKey, 7),
  };
}

function bound(row: CdcRow, { clustering }: PrimaryKey, inclusive: 5 | 7): RangeBound | null {
  const named = clustering.filter(({ name }) => !isNull(row[name]));
  if (named.length === 0) return null;
  return {
    values: Object.fromEntries(named.map(({ name }) => [name, row[name]])),
    inclusive: row['cdc$operation'] === inclusive,
  };
}

/** A column of the base table as these rows hold it: what the page knows, not what a schema once said. */
interface ValueColumn {
  readonly name: string;
  readonly deleted: string;
  /** Present for non-frozen collections and types only. */
  readonly removed: string | undefined;
}

function valueColumns(names: readonly string[], { partition, clustering }: PrimaryKey): readonly ValueColumn[] {
  const key = new Set([...partition, ...clustering].map(({ name }) => name));
  const all = new Set(names);
  return names
    .filter((name) => !name.startsWith('cdc$') && !key.has(name))
    .map((name) => {
      const removed = `cdc$deleted_elements_${name}`;
      return { name, deleted: `cdc$deleted_${name}`, removed: all.has(removed) ? removed : undefined };
    });
}

/** Value and deletion mark both null: not touched. Only `true` marks a deletion. */
function written(row: CdcRow, columns: readonly ValueColumn[]): Pick<RowWrite, 'values' | 'collections'> {
  const values: Record<string, unknown> = {};
  const collections: Record<string, CollectionChange> = {};
  for (const { name, deleted, removed } of columns) {
    const value = row[name] ?? null;
    const elements = removed === undefined ? null : (row[removed] ?? null);
    if (row[deleted] === true) values[name] = value;
    else if (removed !== undefined && (value !== null || elements !== null)) {
      collections[name] = { added: value, removed: elements };
    } else if (value !== null) values[name] = value;
  }
  return { values, collections };
}

/** Images stand before and after all changes of a group, by kind and not by row: they are found by the key of their row. */
class Images {
  readonly #byRow = new Map<
    string,
    { key: LogValues; before: LogValues | null; after: LogValues | null; used: boolean }
  >();

  add(which: 'before' | 'after', key: LogValues, values: LogValues): void {
    const id = rowId(key);
    const entry = this.#byRow.get(id) ?? { key, before: null, after: null, used: false };
    entry[which] = values;
    this.#byRow.set(id, entry);
  }

  of(key: LogValues): Imaged {
    if (this.#byRow.size === 0) return NO_IMAGES;
    const entry = this.#byRow.get(rowId(key));
    if (entry) entry.used = true;
    return { before: entry?.before ?? null, after: entry?.after ?? null };
  }

  left(): readonly LoneImage[] {
    return [...this.#byRow.values()]
      .filter(({ used }) => !used)
      .flatMap((entry) =>
        (['before', 'after'] as const).flatMap((which) => {
          const values = entry[which];
          return values === null ? [] : [{ kind: 'image' as const, key: entry.key, which, values }];
        }),
      );
  }
}

function imagesOf(rows: readonly CdcRow[], primaryKey: PrimaryKey, columns: readonly ValueColumn[]): Images {
  const images = new Images();
  for (const row of rows) {
    const operation = row['cdc$operation'];
    if (operation !== PREIMAGE && operation !== POSTIMAGE) continue;
    const { values, collections } = written(row, columns);
    const whole = Object.fromEntries(Object.entries(collections).map(([name, { added }]) => [name, added]));
    images.add(operation === PREIMAGE ? 'before' : 'after', keyOf(row, primaryKey), { ...values, ...whole });
  }
  return images;
}

function keyOf(row: CdcRow, { partition, clustering }: PrimaryKey): LogValues {
  return valuesOf(row, clustering, valuesOf(row, partition, {}));
}

function partitionOf(row: CdcRow, { partition }: PrimaryKey): LogValues {
  return valuesOf(row, partition, {});
}

function valuesOf(
  row: CdcRow,
  columns: readonly KeyColumn[],
  values: Record<string, unknown>,
): Record<string, unknown> {
  for (const { name } of columns) values[name] = row[name] ?? null;
  return values;
}

function rowId(key: LogValues): string {
  return JSON.stringify(Object.values(key), (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}
