import { uuidText } from '@chronicle/seams';
import cassandra from 'cassandra-driver';
import type { CqlRow, CqlValue } from './cql-port.js';

/** A value as the driver takes it. Texts become uuids or times where the prepared statement says so. */
export function toDriver(value: CqlValue): unknown {
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) return Buffer.from(value);
  return value;
}

const { dataTypes } = cassandra.types;

/** How values of a type become those of {@link CqlValue}; all others are as the driver gives them. */
const conversions: ReadonlyMap<number, (value: never) => CqlValue> = new Map<number, (value: never) => CqlValue>([
  [dataTypes.uuid, (value: cassandra.types.Uuid) => uuidText(value.getBuffer())],
  [dataTypes.timeuuid, (value: cassandra.types.TimeUuid) => value.getBuffer()],
  [dataTypes.timestamp, (value: Date) => value.toISOString()],
]);

/** The rows of a result as {@link CqlPort} gives them: in place, and only the columns that need it. */
export function rowsFromDriver({ rows, columns }: cassandra.types.ResultSet): readonly CqlRow[] {
  for (const { name, type } of columns) {
    const convert = conversions.get(type.code);
    if (!convert) continue;
    for (const row of rows) {
      const value = row[name] as never;
      if (value !== null) row[name] = convert(value);
    }
  }
  return rows as readonly { readonly [column: string]: unknown }[] as readonly CqlRow[];
}
