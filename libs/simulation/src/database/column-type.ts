import type { CqlValue } from '@chronicle/cql';
import { uuidBytes } from '@chronicle/seams';

/** The types of key columns. */
export type ColumnType = 'uuid' | 'timeuuid' | 'text' | 'blob' | 'int' | 'tinyint' | 'bigint' | 'timestamp';

const HALF_OF_64 = 2n ** 63n;
const HEX_OF_64 = 16;
const ALL_OF_64 = 2n ** 64n - 1n;

/** A text that sorts as the database sorts the values of this type. Descending: the other way round. */
export function orderedText(type: ColumnType, value: CqlValue, descending = false): string {
  const text = ascendingText(type, value);
  return descending ? invertedHex(text) : text;
}

function ascendingText(type: ColumnType, value: CqlValue): string {
  switch (type) {
    case 'uuid': {
      const hex = (value as string).replaceAll('-', '');
      return `${hex[12]}${hex}`; // by version first
    }
    case 'timeuuid':
      return timeUuidText(Buffer.from(value as Uint8Array));
    case 'text':
      return Buffer.from(value as string).toString('hex');
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('hex');
    case 'timestamp':
      return numberText(BigInt(Date.parse(value as string)));
    default:
      return numberText(BigInt(value as number | bigint));
  }
}

function numberText(value: bigint): string {
  return (value + HALF_OF_64).toString(16).padStart(HEX_OF_64, '0');
}

/** By its 60 bits of time, then by its lower half as signed bytes. */
function timeUuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const lower = Buffer.from(bytes.subarray(8));
  for (let at = 0; at < lower.length; at += 1) lower[at] = lower[at]! ^ 0x80;
  return `${hex.slice(13, 16)}${hex.slice(8, 12)}${hex.slice(0, 8)}${lower.toString('hex')}`;
}

/** Of a number's or a time's text. */
function invertedHex(text: string): string {
  return (BigInt(`0x${text}`) ^ ALL_OF_64).toString(16).padStart(HEX_OF_64, '0');
}

/** The bytes that the partitioner hashes. */
export function partitionKeyBytes(types: readonly ColumnType[], values: readonly CqlValue[]): Buffer {
  const parts = values.map((value, index) => keyBytes(types[index]!, value));
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(part.length);
      return [length, part, Buffer.alloc(1)];
    }),
  );
}

function keyBytes(type: ColumnType, value: CqlValue): Buffer {
  switch (type) {
    case 'uuid':
      return uuidBytes(value as string);
    case 'timeuuid':
    case 'blob':
      return Buffer.from(value as Uint8Array);
    case 'text':
      return Buffer.from(value as string);
    case 'int':
    case 'tinyint': {
      const bytes = Buffer.alloc(type === 'int' ? 4 : 1);
      bytes.writeIntBE(value as number, 0, bytes.length);
      return bytes;
    }
    case 'bigint':
    case 'timestamp': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(type === 'bigint' ? (value as bigint) : BigInt(Date.parse(value as string)));
      return bytes;
    }
  }
}

/** Whether the bytes of `value` are not before those of `other`: how the database decides between writes of one time. */
export function sameOrLarger(value: CqlValue, other: CqlValue): boolean {
  return Buffer.compare(cellBytes(value), cellBytes(other)) >= 0;
}

function cellBytes(value: CqlValue): Buffer {
  switch (typeof value) {
    case 'string':
      return Buffer.from(value);
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'number':
      return keyBytes('int', value);
    case 'bigint':
      return keyBytes('bigint', value);
    default:
      if (value instanceof Uint8Array) return Buffer.from(value);
      return Buffer.from(JSON.stringify([...(value as Iterable<unknown>)]));
  }
}
