import { statement, type Statement } from '@chronicle/cql';
import { versionedTableName, type ProjectionDefinition } from '@chronicle/projection-core';
import { columnTypes, quoted } from './table-cql.js';

/**
 * The directory of a spread table: in which days, and windows of a day, each slot of a logical partition may have rows. The set
 * of one part is one value that is written over, so that what is taken out leaves no tombstone. Its parts are {@link DAYS_PART}
 * and the days, by number since 1970.
 */
export interface LiveStatements {
  /** What all slots have. Values: logical partition, part. */
  readonly readAll: Statement;
  /** What one slot has, and the stamp of it. Values: logical partition, part, slot. */
  readonly readOne: Statement;
  /** Values: stamp, set, logical partition, part, slot. */
  readonly write: Statement;
  /** The logical partitions, once for each part. */
  readonly partitions: Statement;
}

/** The part that names the days which have a part of their own. */
export const DAYS_PART = -1;

export function liveStatements({ table, version }: Pick<ProjectionDefinition, 'table' | 'version'>): LiveStatements {
  const name = liveTableName({ table, version });
  const columns = table.partitionKey.map(quoted).join(', ');
  const ofPart = `WHERE ${table.partitionKey.map((column) => `${quoted(column)} = ? AND `).join('')}spread_part = ?`;
  const of = (action: string, cql: string) =>
    statement(`read-model.live-${action}.${versionedTableName(table, version)}`, cql);
  return {
    readAll: of('all', `SELECT spread_slot, spread_live FROM ${name} ${ofPart}`),
    readOne: of(
      'one',
      `SELECT spread_live, writetime(spread_live) AS stamp FROM ${name} ${ofPart} AND spread_slot = ?`,
    ),
    write: of('write', `UPDATE ${name} USING TIMESTAMP ? SET spread_live = ? ${ofPart} AND spread_slot = ?`),
    partitions: of('partitions', `SELECT DISTINCT ${columns}, spread_part FROM ${name}`),
  };
}

/** The table of the directory; may be carried out twice. */
export function createLiveTableCql({ table, version }: Pick<ProjectionDefinition, 'table' | 'version'>): string {
  const columns = table.partitionKey.map((column) => `${quoted(column)} ${columnTypes[table.columns[column]!]}`);
  return (
    `CREATE TABLE IF NOT EXISTS ${liveTableName({ table, version })} (${columns.join(', ')}, spread_part int, ` +
    `spread_slot int, spread_live blob, PRIMARY KEY ((${table.partitionKey.map(quoted).join(', ')}, spread_part), spread_slot))`
  );
}

function liveTableName({ table, version }: Pick<ProjectionDefinition, 'table' | 'version'>): string {
  return quoted(`${versionedTableName(table, version)}_live`);
}
