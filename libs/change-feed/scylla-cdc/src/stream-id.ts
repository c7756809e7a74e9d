import { asBuffer } from './cdc-time.js';

/** The length of a log stream's id in bytes. */
export const STREAM_ID_BYTES = 16;

export interface StreamIdParts {
  /** The stream's place on the ring. */
  readonly token: bigint;
  /** The number of its vnode in the order of the ring; 0 on tablets. */
  readonly vnodeIndex: number;
  /** Any 38 bits: what tells streams of one token apart. */
  readonly random: bigint;
}

/** A stream id of version 1, as ScyllaDB makes it: the token, big-endian, then the random bits, the vnode (22) and the version (4). */
export function streamId({ token, vnodeIndex, random }: StreamIdParts): Buffer {
  const id = Buffer.alloc(STREAM_ID_BYTES);
  id.writeBigInt64BE(token);
  id.writeBigUInt64BE((BigInt.asUintN(38, random) << 26n) | (BigInt.asUintN(22, BigInt(vnodeIndex)) << 4n) | 1n, 8);
  return id;
}

/** The token of a log stream: the first 8 bytes of its id, signed. It places the stream and its rows on the ring. */
export function streamToken(id: Uint8Array): bigint {
  return asBuffer(id).readBigInt64BE(0);
}

/** The version of a stream id's form: 1. Ids from before there were versions hold random bits here. */
export function streamVersion(id: Uint8Array): number {
  return Number(lowHalf(id) & 0xfn);
}

/** The index of the vnode, in the order of the ring, that an id of version 1 names; always 0 on tablets. */
export function streamVnodeIndex(id: Uint8Array): number {
  return Number((lowHalf(id) >> 4n) & 0x3fffffn);
}

function lowHalf(id: Uint8Array): bigint {
  return asBuffer(id).readBigUInt64BE(8);
}
