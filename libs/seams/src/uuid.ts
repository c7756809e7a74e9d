import type { Clock } from './clock.js';
import type { Entropy } from './entropy.js';

/** UUIDs of RFC 9562, versions 1 to 8, in either case. Nil and max carry no version and are refused. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Is `text` a UUID of RFC 9562, version 1 to 8, in either case? */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID_PATTERN.test(text);
}

/** A new UUID v7: 48 bits of time, so that ids made later sort later to the millisecond, and 74 random bits. */
export function uuidV7(clock: Clock, entropy: Entropy): string {
  const bytes = new Uint8Array(16);
  bytes.set(entropy.bytes(10), 6);
  writeMilliseconds(bytes, clock.now());
  return uuidFromBytes(bytes, 7);
}

/** The UUID made of 16 bytes, with the bits of its version and of the RFC variant set over them. Lower case. */
export function uuidFromBytes(bytes: Uint8Array, version: 7 | 8): string {
  const own = Buffer.from(bytes.subarray(0, 16));
  own[6] = (version << 4) | (own[6]! & 0x0f);
  own[8] = 0x80 | (own[8]! & 0x3f);
  return uuidText(own);
}

/**
 * The text of any 16 bytes, lower case. Written digit by digit into one string: of pieces that are put together V8 keeps every
 * piece, so that a text of 36 bytes takes some 250 of memory, and it is slower besides.
 */
export function uuidText(bytes: Uint8Array): string {
  for (let index = 0; index < 16; index += 1) {
    const byte = bytes[index]!;
    const place = PLACES[index]!;
    TEXT[place] = DIGITS[byte >> 4]!;
    TEXT[place + 1] = DIGITS[byte & 15]!;
  }
  return TEXT.toString('latin1');
}

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
/** Where the two digits of each byte stand. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const TEXT = Buffer.alloc(36, '-');

/** The 16 bytes of a UUID text. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function writeMilliseconds(bytes: Uint8Array, ms: number): void {
  let rest = ms;
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
