/** Microseconds since 1970-01-01T00:00:00Z, the unit in which the log orders writes. */
export type Micros = bigint;

/** 100 ns ticks from the start of the Gregorian calendar, where version 1 UUIDs count from, to 1970. */
const TICKS_TO_1970 = 0x01b21dd213814000n;
const TICKS_PER_MICRO = 10n;
const VERSION_1 = 0x1000n;
const LOWEST_LOW_HALF = 0x8080808080808080n;

/** The time of a `cdc$time`: the timestamp of the base write. Exact, whatever variant bits the UUID carries. */
export function microsOf(time: Uint8Array): Micros {
  return ticksOf(time) / TICKS_PER_MICRO - TICKS_TO_1970 / TICKS_PER_MICRO;
}

/**
 * The least timeuuid of a microsecond in the order of the server. `>= min(a) AND < min(b)` selects a ≤ time < b and needs no
 * greatest one; the `min` of the driver is none (it counts ticks), nor is its `max` (it forces the variant).
 */
export function minTimeUuid(micros: Micros): Buffer {
  const ticks = micros * TICKS_PER_MICRO + TICKS_TO_1970;
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(
    ((ticks & 0xffffffffn) << 32n) | (((ticks >> 32n) & 0xffffn) << 16n) | VERSION_1 | (ticks >> 48n),
  );
  bytes.writeBigUInt64BE(LOWEST_LOW_HALF, 8);
  return bytes;
}

/** The order of `cdc$time` in the log: its 60 bits of time, then the low half as signed bytes. Negative: `a` comes first. */
export function compareTimeUuids(a: Uint8Array, b: Uint8Array): number {
  const difference = ticksOf(a) - ticksOf(b);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  for (let index = 8; index < 16; index += 1) {
    const bytes = signed(a[index]) - signed(b[index]);
    if (bytes !== 0) return bytes;
  }
  return 0;
}

/** The usual text of a UUID. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The bytes of a UUID's text; any version and variant. */
export function uuidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new TypeError(`"${text}" is not a UUID: expected 32 hexadecimal digits`);
  return bytes;
}

/** A `timestamp` as sessions give it (Date, RFC 3339 text or milliseconds), in milliseconds since 1970. */
export function millisOf(timestamp: unknown): number {
  const millis =
    timestamp instanceof Date
      ? timestamp.getTime()
      : typeof timestamp === 'string'
        ? Date.parse(timestamp)
        : Number(timestamp ?? Number.NaN);
  if (!Number.isSafeInteger(millis)) throw new TypeError(`${String(timestamp)} is not a timestamp`);
  return millis;
}

/** Milliseconds as {@link Micros}; a fraction is cut off. */
export function microsFromMillis(millis: number): Micros {
  return BigInt(Math.floor(millis * 1000));
}

/** {@link Micros} as milliseconds; what is below a millisecond is cut off. */
export function millisFromMicros(micros: Micros): number {
  return Number(micros / 1000n);
}

/** UUIDs of version 1 hold the time as low 32, middle 16 and high 12 bits, in this order. */
function ticksOf(time: Uint8Array): bigint {
  const high = asBuffer(time).readBigUInt64BE(0);
  return ((high & 0x0fffn) << 48n) | (((high >> 16n) & 0xffffn) << 32n) | (high >> 32n);
}

function signed(byte: number | undefined): number {
  return ((byte ?? 0) << 24) >> 24;
}

/** The same bytes, not a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
