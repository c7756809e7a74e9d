/** Bits of the lower half of a stream id, least significant first: version, index of the range, random. */
const VERSION = 1n;
const VERSION_BITS = 4n;
const INDEX_BITS = 22n;
const RANDOM_BITS = 38n;

export interface StreamIdParts {
  /** The stream's place on the ring. */
  readonly token: bigint;
  /** Number of the range (vnode) in its generation; 0 on tablets. */
  readonly rangeIndex: number;
  /** Any 38 bits: what tells streams of one token apart. */
  readonly random: bigint;
}

/** The 16 bytes of a CDC stream id in ScyllaDB's form, version 1: the token, big-endian, and the parts below it. */
export function streamId({ token, rangeIndex, random }: StreamIdParts): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(token, 0);
  const index = BigInt.asUintN(Number(INDEX_BITS), BigInt(rangeIndex)) << VERSION_BITS;
  const salt = BigInt.asUintN(Number(RANDOM_BITS), random) << (VERSION_BITS + INDEX_BITS);
  bytes.writeBigUInt64BE(salt | index | VERSION, 8);
  return bytes;
}

/** The token of a stream id: its first 8 bytes. */
export function streamToken(id: Uint8Array): bigint {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).readBigInt64BE(0);
}
