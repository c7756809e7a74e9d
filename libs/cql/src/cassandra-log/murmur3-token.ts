/** The smallest and the largest token of the ring. */
export const TOKEN_MIN = -(2n ** 63n);
export const TOKEN_MAX = 2n ** 63n - 1n;

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const BLOCK_BYTES = 16;

/**
 * The token that Murmur3Partitioner gives a partition key of one column (its raw bytes): the first half of MurmurHash3 x64-128,
 * with signed bytes in the tail as Cassandra has them, and the smallest number replaced by the largest.
 */
export function murmur3Token(key: Uint8Array): bigint {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  let h1 = 0n;
  let h2 = 0n;
  const tailAt = bytes.length - (bytes.length % BLOCK_BYTES);
  for (let at = 0; at < tailAt; at += BLOCK_BYTES) {
    h1 ^= mixFirst(bytes.readBigUInt64LE(at));
    h1 = u64(u64(rotate(h1, 27n) + h2) * 5n + 0x52dce729n);
    h2 ^= mixSecond(bytes.readBigUInt64LE(at + 8));
    h2 = u64(u64(rotate(h2, 31n) + h1) * 5n + 0x38495ab5n);
  }
  if (bytes.length > tailAt + 8) h2 ^= mixSecond(signedTail(bytes, tailAt + 8, bytes.length));
  if (bytes.length > tailAt) h1 ^= mixFirst(signedTail(bytes, tailAt, Math.min(tailAt + 8, bytes.length)));
  return normalized(finished(h1 ^ BigInt(bytes.length), h2 ^ BigInt(bytes.length)));
}

function finished(first: bigint, second: bigint): bigint {
  const h1 = u64(first + second);
  const h2 = u64(second + h1);
  return BigInt.asIntN(64, avalanche(h1) + avalanche(h2));
}

function normalized(token: bigint): bigint {
  return token === TOKEN_MIN ? TOKEN_MAX : token;
}

function signedTail(bytes: Buffer, from: number, to: number): bigint {
  let word = 0n;
  for (let at = to - 1; at >= from; at -= 1) word ^= u64(BigInt(bytes.readInt8(at)) << BigInt(8 * (at - from)));
  return word;
}

function mixFirst(word: bigint): bigint {
  return u64(rotate(u64(word * C1), 31n) * C2);
}

function mixSecond(word: bigint): bigint {
  return u64(rotate(u64(word * C2), 33n) * C1);
}

function avalanche(hash: bigint): bigint {
  let mixed = hash ^ (hash >> 33n);
  mixed = u64(mixed * 0xff51afd7ed558ccdn);
  mixed ^= mixed >> 33n;
  mixed = u64(mixed * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}

function rotate(word: bigint, bits: bigint): bigint {
  return u64(word << bits) | (word >> (64n - bits));
}

function u64(word: bigint): bigint {
  return BigInt.asUintN(64, word);
}
