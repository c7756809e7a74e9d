import { asBuffer } from './cdc-time.js';

/** The length of a log stream's id in bytes. */
export const STREAM_ID_BYTES = 16;

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
