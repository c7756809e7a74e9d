/** Below it, a count has its 32 bits. */
const COUNT_BITS = 32n;

/**
 * The timestamp of what follows from an aggregate's first `sequence` events (its position, rows of a read model): whoever
 * writes it, and however late, what follows from more events wins. `revision` counts the heals of a table in place.
 */
export function sequenceStamp(revision: number, sequence: number): bigint {
  return (BigInt(revision) << COUNT_BITS) | BigInt(sequence);
}

/**
 * The timestamp of what only the owner of a bucket may change (its checkpoint, who is parked in it): a later owner wins, and of
 * one owner the later write, its `count`-th. Databases take it for microseconds since 1970, and ScyllaDB refuses what is more
 * than three days ahead: epochs reach today's date at about 410,000.
 */
export function ownerStamp(epoch: number, count: number): bigint {
  return (BigInt(epoch) << COUNT_BITS) | BigInt(count);
}
