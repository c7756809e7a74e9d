import type { CqlRow, CqlValue } from '@chronicle/cql';
import type { Cells, ClusteringRange, FoundRow, MemoryTable, Mutation, Stamp } from './memory-table.js';
import type { Tables } from './tables.js';

type Values = readonly CqlValue[];

/** The node that a request came to, at the moment at which it did. */
export interface Coordinator {
  /** ms since 1970 by its clock, with fractions. */
  readonly now: number;
  /** A time-UUID that it has never given before, in the order in which they are asked for. */
  timeUuid(): Buffer;
}

/** When a request is carried out: by true time, in ms since 1970. */
export interface ReadMoment {
  readonly tables: Tables;
  readonly now: number;
  readonly coordinator: Coordinator;
}

export interface WriteMoment {
  readonly tables: Tables;
  readonly coordinator: Coordinator;
  readonly stamp: Stamp;
}

/** Whether a condition holds; if not, the row that stands there, as the database shows it. */
export type Verdict = { readonly holds: true } | { readonly holds: false; readonly current: CqlRow | undefined };

/** What a statement finds, in the order of the database. */
export interface ReadMeaning {
  readonly kind: 'read';
  readonly rows: (values: Values, moment: ReadMoment) => readonly FoundRow[];
}

/** What a statement writes, and under which condition. */
export interface WriteMeaning {
  readonly kind: 'write';
  readonly mutations: (values: Values, moment: WriteMoment) => readonly Mutation[];
  readonly condition?: (values: Values, moment: ReadMoment) => Verdict;
}

/** What the statements of a closed list do, by name. */
export type Meanings = Readonly<Record<string, ReadMeaning | WriteMeaning>>;

export function read(rows: ReadMeaning['rows']): ReadMeaning {
  return { kind: 'read', rows };
}

export function write(mutations: WriteMeaning['mutations'], condition?: WriteMeaning['condition']): WriteMeaning {
  return { kind: 'write', mutations, ...(condition && { condition }) };
}

/** An INSERT of a row, or, with `insert` false, an UPDATE. Without clustering values: of the static columns. */
export function put(
  table: MemoryTable,
  key: { readonly partition: Values; readonly clustering?: Values },
  cells: Cells,
  { stamp }: WriteMoment,
  insert = true,
): Mutation {
  return { kind: 'put', table, ...key, cells, insert, stamp };
}

export function remove(
  table: MemoryTable,
  partition: Values,
  { stamp }: WriteMoment,
  range?: ClusteringRange,
): Mutation {
  return { kind: 'delete', table, partition, stamp, ...(range && { range }) };
}

/** A condition on columns of one row: each must have this value; null: none. */
export function ifColumns(row: CqlRow | undefined, wanted: Cells): Verdict {
  const holds = Object.entries(wanted).every(([column, value]) => (row?.[column] ?? null) === (value ?? null));
  if (holds) return { holds };
  // A row of which there is nothing to show is not shown.
  return { holds, current: Object.values(row ?? {}).some((value) => value !== null) ? row : undefined };
}

export function ifNotExists(row: CqlRow | undefined): Verdict {
  return row === undefined ? { holds: true } : { holds: false, current: row };
}
