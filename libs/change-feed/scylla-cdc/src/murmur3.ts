/** A 64-bit token in two halves: the hot path of the reader works without BigInt. `high` is signed, `low` is not. */
export interface TokenHalves {
  readonly high: number;
  readonly low: number;
}

/**
 * The token of a partition key, as the Murmur3 partitioner of Cassandra and ScyllaDB computes it: the first half of x64-128
 * MurmurHash3 with seed 0, bytes of the tail taken as signed, and the least value replaced by the greatest.
 * `key` is the raw value of a single key column; of several, per part its length in 2 bytes, its bytes and a 0.
 */
export function murmur3(key: Uint8Array): TokenHalves {
  const h1 = word(0, 0);
  const h2 = word(0, 0);
  const k1 = word(0, 0);
  const k2 = word(0, 0);
  const blocks = key.length >>> 4;
  for (let block = 0; block < blocks; block += 1) {
    readBlock(k1, key, block * 16);
    readBlock(k2, key, block * 16 + 8);
    mixFirst(h1, k1);
    rotateLeft(h1, 27);
    add(h1, h2.high, h2.low);
    multiplyByFiveAndAdd(h1, 0x52dce729);
    mixSecond(h2, k2);
    rotateLeft(h2, 31);
    add(h2, h1.high, h1.low);
    multiplyByFiveAndAdd(h2, 0x38495ab5);
  }
  const tail = blocks * 16;
  if (key.length - tail > 8) {
    readTail(k2, key, tail + 8, key.length);
    mixSecond(h2, k2);
  }
  if (key.length > tail) {
    readTail(k1, key, tail, Math.min(tail + 8, key.length));
    mixFirst(h1, k1);
  }
  finish(h1, h2, key.length);
  return normalised(h1);
}

/** The token of a partition key, as one number. */
export function murmur3Token(key: Uint8Array): bigint {
  return tokenOf(murmur3(key));
}

/** The token as one number. */
export function tokenOf({ high, low }: TokenHalves): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** A token in halves. */
export function halvesOf(token: bigint): TokenHalves {
  return { high: Number(BigInt.asIntN(64, token) >> 32n), low: Number(token & 0xffffffffn) };
}

/** Negative, 0 or positive as `a` comes before, is or comes after `b` on the ring. */
export function compareTokens(a: TokenHalves, b: TokenHalves): number {
  return a.high - b.high || a.low - b.low;
}

/** An unsigned 64-bit number in two halves, changed in place. */
interface Word {
  high: number;
  low: number;
}

function word(high: number, low: number): Word {
  return { high, low };
}

function normalised({ high, low }: Word): TokenHalves {
  const signedHigh = high | 0;
  return signedHigh === -0x80000000 && low === 0 ? { high: 0x7fffffff, low: 0xffffffff } : { high: signedHigh, low };
}

function mixFirst(h: Word, k: Word): void {
  multiply(k, 0x87c37b91, 0x114253d5);
  rotateLeft(k, 31);
  multiply(k, 0x4cf5ad43, 0x2745937f);
  xor(h, k.high, k.low);
}

function mixSecond(h: Word, k: Word): void {
  multiply(k, 0x4cf5ad43, 0x2745937f);
  rotateLeft(k, 33);
  multiply(k, 0x87c37b91, 0x114253d5);
  xor(h, k.high, k.low);
}

function finish(h1: Word, h2: Word, length: number): void {
  xor(h1, 0, length);
  xor(h2, 0, length);
  add(h1, h2.high, h2.low);
  add(h2, h1.high, h1.low);
  avalanche(h1);
  avalanche(h2);
  add(h1, h2.high, h2.low);
}

function avalanche(h: Word): void {
  xor(h, 0, h.high >>> 1);
  multiply(h, 0xff51afd7, 0xed558ccd);
  xor(h, 0, h.high >>> 1);
  multiply(h, 0xc4ceb9fe, 0x1a85ec53);
  xor(h, 0, h.high >>> 1);
}

function readBlock(k: Word, key: Uint8Array, at: number): void {
  k.low = littleEndian(key, at);
  k.high = littleEndian(key, at + 4);
}

function littleEndian(key: Uint8Array, at: number): number {
  return ((key[at] ?? 0) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24)) >>> 0;
}

/** Signed: a byte above 127 turns the bits above it. */
function readTail(k: Word, key: Uint8Array, from: number, to: number): void {
  k.low = 0;
  k.high = 0;
  for (let at = from; at < to; at += 1) {
    const byte = ((key[at] ?? 0) << 24) >> 24;
    const shift = (at - from) * 8;
    if (shift >= 32) xor(k, byte << (shift - 32), 0);
    else xor(k, byte < 0 ? -1 : 0, byte << shift);
  }
}

function xor(a: Word, high: number, low: number): void {
  a.high = (a.high ^ high) >>> 0;
  a.low = (a.low ^ low) >>> 0;
}

function add(a: Word, high: number, low: number): void {
  const sum = a.low + low;
  a.low = sum >>> 0;
  a.high = (a.high + high + (sum > 0xffffffff ? 1 : 0)) >>> 0;
}

function rotateLeft(a: Word, bits: number): void {
  const { high, low } = bits >= 32 ? { high: a.low, low: a.high } : a;
  const rest = bits & 31;
  a.high = ((high << rest) | (low >>> (32 - rest))) >>> 0;
  a.low = ((low << rest) | (high >>> (32 - rest))) >>> 0;
}

function multiplyByFiveAndAdd(a: Word, low: number): void {
  multiply(a, 0, 5);
  add(a, 0, low);
}

/** Modulo 2^64, through products of 16-bit parts, which a double holds exactly. */
function multiply(a: Word, high: number, low: number): void {
  const a0 = a.low & 0xffff;
  const a1 = a.low >>> 16;
  const b0 = low & 0xffff;
  const b1 = low >>> 16;
  const p00 = a0 * b0;
  const p01 = a0 * b1;
  const p10 = a1 * b0;
  const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  const carry = a1 * b1 + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  a.high = (carry + Math.imul(a.high, low) + Math.imul(a.low, high)) >>> 0;
  a.low = ((middle << 16) | (p00 & 0xffff)) >>> 0;
}
