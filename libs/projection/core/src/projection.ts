import type { DomainEvent, Recorded } from '@chronicle/event-sourcing-core';

/** The types that a read-model column may have; `timestamp` is an RFC 3339 UTC text with milliseconds, `json` a JSON text. */
export type ColumnType = 'uuid' | 'text' | 'integer' | 'timestamp' | 'json';

/** A read model's table. The primary key is the partition key followed by the clustering key. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: { readonly [column: string]: ColumnType };
  readonly partitionKey: readonly string[];
  readonly clusteringKey: readonly { readonly column: string; readonly order: 'asc' | 'desc' }[];
  /**
   * For a table whose partitions are large and busy, rows coming and going as in a queue: the first column of the clustering key,
   * a `timestamp`, by which an engine may cut them into smaller ones. What is read is the same with it and without.
   */
  readonly spreadBy?: string;
}

/** One row of a read model: every column of its table, null where it has no value. */
export type Row = { readonly [column: string]: string | number | null };

/**
 * A read model as two pure functions. `evolve` folds one aggregate's events; `rows` renders the rows that the aggregate has
 * in the table, each with a key that only this aggregate can have. Everything else (checking, rebuilding, mending a table)
 * follows from these.
 */
export interface Projection<State, Event extends DomainEvent> {
  /** The consumer group, named like the app that runs it. */
  readonly group: string;
  /** Raise it whenever `evolve`, `rows` or the table change what is written: a new version is a new table. */
  readonly version: number;
  readonly table: TableDefinition;
  evolve(state: State | undefined, event: Recorded<Event>): State;
  rows(state: State): readonly Row[];
}
