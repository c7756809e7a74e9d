import type { BoundStatement, CqlValue } from './cql-port.js';

/** Servers warn of a batch over more than 10 partitions (`unlogged_batch_across_partitions_warn_threshold`), … */
const WRITES_MAX = 10;
/** … and of one of more than 5 KiB (`batch_size_warn_threshold`), of which this much is left for what they count besides values. */
const BYTES_MAX = 4_096;
/** What is counted for a value that is neither text nor bytes, and for what a server keeps with any value. */
const BYTES_OF_VALUE = 16;

/**
 * Writes in parcels, in their order, each small enough that no server complains of it as one batch. A write that is too large for
 * any is a parcel of its own.
 */
export function parcels(writes: readonly BoundStatement[]): readonly (readonly BoundStatement[])[] {
  const all: BoundStatement[][] = [];
  let bytes = Infinity;
  for (const write of writes) {
    const size = write.values.reduce<number>((sum, value) => sum + BYTES_OF_VALUE + bytesOf(value), 0);
    const parcel = all.at(-1);
    if (parcel === undefined || parcel.length === WRITES_MAX || bytes + size > BYTES_MAX) {
      all.push([write]);
      bytes = size;
    } else {
      parcel.push(write);
      bytes += size;
    }
  }
  return all;
}

function bytesOf(value: CqlValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Map) return [...value.keys(), ...value.values()].reduce((sum, one) => sum + bytesOf(one), 0);
  if (value instanceof Set || Array.isArray(value)) {
    return [...(value as Iterable<CqlValue>)].reduce<number>((sum, one) => sum + bytesOf(one), 0);
  }
  return 0;
}
