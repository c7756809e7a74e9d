/** The fixed number of slices that a consumer group shares out. Changing it would move aggregates to other buckets: never do. */
export const BUCKET_COUNT = 32;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The bucket of an aggregate, 0 to {@link BUCKET_COUNT} − 1, the same for ever: FNV-1a (32 bits) of its id in lower case. */
export function bucketOf(aggregateId: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(aggregateId.toLowerCase(), 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % BUCKET_COUNT;
}
