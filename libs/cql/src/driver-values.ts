import cassandra from 'cassandra-driver';
import type { CqlRow, CqlValue } from './cql-port.js';

/** A value as the driver takes it. Texts become uuids or times where the prepared statement says so. */
export function toDriver(value: CqlValue): unknown {
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) return Buffer.from(value);
  return value;
}

/** A row as {@link CqlPort} gives it. */
export function fromDriver(row: cassandra.types.Row): CqlRow {
  const values: Record<string, CqlValue> = {};
  for (const column of Object.keys(row)) values[column] = valueFromDriver(row[column]);
  return values;
}

function valueFromDriver(value: unknown): CqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as CqlValue;
  if (value instanceof cassandra.types.TimeUuid) return value.getBuffer();
  if (value instanceof cassandra.types.Uuid) return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(valueFromDriver);
  return value as CqlValue;
}
