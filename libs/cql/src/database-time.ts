import { statement, type CqlPort } from './cql-port.js';

const readDatabaseTime = statement(
  'cql.database-time',
  `SELECT toTimestamp(now()) AS time FROM system.local WHERE key = 'local'`,
);

/** ms since 1970, as the node asked has it. */
export async function databaseTime(port: CqlPort): Promise<number> {
  const row = await port.readOne(readDatabaseTime, []);
  return Date.parse(row!.time as string);
}
