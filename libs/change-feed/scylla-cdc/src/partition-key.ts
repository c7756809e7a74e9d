import { asBuffer, millisOf, uuidBytes } from './cdc-time.js';
import type { CdcRow } from './cdc-session.js';
import { ReaderOptionsError } from './errors.js';
import { murmur3 } from './murmur3.js';
import { bucketOfToken } from './token-ring.js';

export interface KeyColumn {
  readonly name: string;
  /** CQL type, lower case. */
  readonly type: string;
}

/** The columns that identify a row of the base table, each group in its order. */
export interface PrimaryKey {
  readonly partition: readonly KeyColumn[];
  readonly clustering: readonly KeyColumn[];
}

type Encoder = (value: unknown) => Buffer;

const encoders: Readonly<Record<string, Encoder>> = {
  ascii: (value) => Buffer.from(String(value), 'utf8'),
  text: (value) => Buffer.from(String(value), 'utf8'),
  varchar: (value) => Buffer.from(String(value), 'utf8'),
  blob: (value) => asBuffer(value as Uint8Array),
  boolean: (value) => Buffer.of(value === true ? 1 : 0),
  tinyint: (value) => written(1, (bytes) => bytes.writeInt8(Number(value))),
  smallint: (value) => written(2, (bytes) => bytes.writeInt16BE(Number(value))),
  int: (value) => written(4, (bytes) => bytes.writeInt32BE(Number(value))),
  bigint: (value) => written(8, (bytes) => bytes.writeBigInt64BE(BigInt(String(value)))),
  float: (value) => written(4, (bytes) => bytes.writeFloatBE(Number(value))),
  double: (value) => written(8, (bytes) => bytes.writeDoubleBE(Number(value))),
  timestamp: (value) => written(8, (bytes) => bytes.writeBigInt64BE(BigInt(millisOf(value)))),
  uuid: uuid,
  timeuuid: uuid,
};

/** The types of partition key columns whose tokens the reader can compute. */
export const KEY_TYPES: readonly string[] = Object.keys(encoders);

/**
 * The bytes of a row's partition key as the partitioner hashes them: the value itself of one column; of several, per part its
 * length in 2 bytes, its bytes and a 0. Throws {@link ReaderOptionsError} for a type that is not in {@link KEY_TYPES}.
 */
export function partitionKeyEncoder(columns: readonly KeyColumn[]): (row: CdcRow) => Buffer {
  const parts = columns.map(({ name, type }) => ({ name, encode: encoderOf(name, type) }));
  const [only] = parts;
  if (only && parts.length === 1) return (row) => only.encode(row[only.name]);
  return (row) => Buffer.concat(parts.flatMap(({ name, encode }) => composite(encode(row[name]))));
}

/** The bucket of a partition key, given by column name: where its changes are, whatever streams the log has. */
export function bucketOfKey(key: CdcRow, columns: readonly KeyColumn[], bucketCount: number): number {
  return bucketCount === 1 ? 0 : bucketOfToken(murmur3(partitionKeyEncoder(columns)(key)), bucketCount);
}

function encoderOf(name: string, type: string): Encoder {
  const encode = encoders[type];
  if (encode) return encode;
  throw new ReaderOptionsError(
    'bucketCount',
    `must be 1, since the partition key column ${name} is a ${type} and only tokens of ${KEY_TYPES.join(', ')} can be computed`,
  );
}

function composite(part: Buffer): Buffer[] {
  return [written(2, (bytes) => bytes.writeUInt16BE(part.length)), part, Buffer.of(0)];
}

function written(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

function uuid(value: unknown): Buffer {
  return value instanceof Uint8Array ? asBuffer(value) : uuidBytes(String(value));
}
