/** Bytes of the encoded form that say where its bits begin. */
const BASE_BYTES = 4;
const BITS = 8;

/**
 * A set of whole numbers from 0 on as bits: small where they lie near each other, as times do. It is stored as the index of its
 * first byte that is not 0 (4 bytes, big-endian), and the bytes from there to the last that is not 0.
 */
export class NumberSet {
  #base: number;
  #bytes: Uint8Array;

  private constructor(base: number, bytes: Uint8Array) {
    this.#base = base;
    this.#bytes = bytes;
  }

  static empty(): NumberSet {
    return new NumberSet(0, new Uint8Array());
  }

  static decode(encoded: Uint8Array): NumberSet {
    if (encoded.length === 0) return NumberSet.empty();
    const base = new DataView(encoded.buffer, encoded.byteOffset).getUint32(0);
    return new NumberSet(base, encoded.slice(BASE_BYTES));
  }

  static union(sets: Iterable<NumberSet>): NumberSet {
    const union = NumberSet.empty();
    for (const set of sets) {
      if (set.#bytes.length === 0) continue;
      union.#cover(set.#base, set.#base + set.#bytes.length);
      const shift = set.#base - union.#base;
      set.#bytes.forEach((byte, index) => (union.#bytes[shift + index]! |= byte));
    }
    return union;
  }

  encode(): Uint8Array {
    const first = this.#bytes.findIndex((byte) => byte !== 0);
    if (first === -1) return new Uint8Array();
    const end = this.#bytes.findLastIndex((byte) => byte !== 0) + 1;
    const encoded = new Uint8Array(BASE_BYTES + end - first);
    new DataView(encoded.buffer).setUint32(0, this.#base + first);
    encoded.set(this.#bytes.subarray(first, end), BASE_BYTES);
    return encoded;
  }

  get isEmpty(): boolean {
    return this.#bytes.every((byte) => byte === 0);
  }

  has(number: number): boolean {
    const byte = this.#bytes[Math.floor(number / BITS) - this.#base];
    return byte !== undefined && (byte & (1 << (number % BITS))) !== 0;
  }

  add(number: number): void {
    const at = Math.floor(number / BITS);
    this.#cover(at, at + 1);
    this.#bytes[at - this.#base]! |= 1 << (number % BITS);
  }

  delete(number: number): void {
    const at = Math.floor(number / BITS) - this.#base;
    if (this.#bytes[at] !== undefined) this.#bytes[at]! &= ~(1 << (number % BITS));
  }

  /** Its numbers in that order, from `from` on (default: from the first). */
  *inOrder(order: 'asc' | 'desc', from?: number): Generator<number, void, undefined> {
    const [low, high] = [this.#base * BITS, (this.#base + this.#bytes.length) * BITS - 1];
    if (order === 'asc') {
      for (let number = Math.max(low, from ?? low); number <= high; number += 1) if (this.has(number)) yield number;
    } else {
      for (let number = Math.min(high, from ?? high); number >= low; number -= 1) if (this.has(number)) yield number;
    }
  }

  /** Makes room for the bytes from `from` up to and without `to`. */
  #cover(from: number, to: number): void {
    const empty = this.#bytes.length === 0;
    const base = empty ? from : Math.min(from, this.#base);
    const end = empty ? to : Math.max(to, this.#base + this.#bytes.length);
    if (base === this.#base && end - base === this.#bytes.length) return;
    const bytes = new Uint8Array(end - base);
    bytes.set(this.#bytes, empty ? 0 : this.#base - base);
    this.#base = base;
    this.#bytes = bytes;
  }
}
