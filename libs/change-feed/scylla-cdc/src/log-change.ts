/** Columns of the base table with their values, as the session gives them. */
export type LogValues = Readonly<Record<string, unknown>>;

/** Changed elements of a non-frozen collection or user-defined type that was not replaced as a whole. */
export interface CollectionChange {
  /** Added or overwritten: a map's entries, a set's elements, a list's elements by timeuuid, a type's fields; null: none. */
  readonly added: unknown;
  /** A map's keys, a set's elements, a list's timeuuids, a type's field numbers; null: none. */
  readonly removed: unknown;
}

/** `request`: somebody deleted it; `expiry`: the server did, by a TTL of the row (operations −3 and −4). */
export type DeleteCause = 'request' | 'expiry';

/** The row around a change. */
export interface Imaged {
  /** The row before the write, if the table keeps preimages: with `preimage: true` only what changed. */
  readonly before: LogValues | null;
  /** The whole row after the write, if the table keeps postimages. */
  readonly after: LogValues | null;
}

/** INSERT or UPDATE of one row, or of the static columns of a partition. */
export interface RowWrite extends Imaged {
  readonly kind: 'insert' | 'update';
  /** Key columns; clustering columns are null for a write of static columns. */
  readonly key: LogValues;
  /** Columns that were written: the new value, whole for a replaced collection, null for a deleted one. Others are absent. */
  readonly values: LogValues;
  /** Collections of which only elements changed. */
  readonly collections: Readonly<Record<string, CollectionChange>>;
  /** TTL of the write in seconds. */
  readonly ttlS: number | null;
  readonly static: boolean;
}

export interface RowDelete extends Imaged {
  readonly kind: 'delete-row';
  readonly key: LogValues;
  readonly cause: DeleteCause;
}

/** The whole partition; its rows are not listed. A DELETE in a table without clustering key is one too. */
export interface PartitionDelete extends Imaged {
  readonly kind: 'delete-partition';
  /** Partition key columns. */
  readonly key: LogValues;
  readonly cause: DeleteCause;
}

export interface RangeBound {
  /** The clustering columns that the bound names, a prefix. */
  readonly values: LogValues;
  readonly inclusive: boolean;
}

export interface RangeDelete {
  readonly kind: 'delete-range';
  /** Partition key columns. */
  readonly key: LogValues;
  /** null: from the first row on. */
  readonly from: RangeBound | null;
  /** null: to the last row. */
  readonly to: RangeBound | null;
}

/** An image whose row has no change in the same write. */
export interface LoneImage {
  readonly kind: 'image';
  readonly key: LogValues;
  readonly which: 'before' | 'after';
  readonly values: LogValues;
}

export type Change = RowWrite | RowDelete | PartitionDelete | RangeDelete | LoneImage;
