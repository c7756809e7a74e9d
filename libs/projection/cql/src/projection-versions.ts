import { statement, type CqlPort } from '@chronicle/cql';
import {
  DefinitionChangedError,
  definitionHash,
  versionedTableName,
  type ProjectionDefinition,
} from '@chronicle/projection-core';

const find = statement(
  'projection-versions.find',
  'SELECT definition_hash, revision FROM projection_versions WHERE consumer_group = ? AND projection_version = ?',
);
const record = statement(
  'projection-versions.record',
  `INSERT INTO projection_versions (consumer_group, projection_version, definition_hash, table_name, revision)
   VALUES (?, ?, ?, ?, 0) IF NOT EXISTS`,
);
const findLive = statement(
  'projection-versions.find-live',
  'SELECT live FROM projection_versions WHERE consumer_group = ? LIMIT 1',
);
const makeFirstLive = statement(
  'projection-versions.make-first-live',
  'UPDATE projection_versions SET live = ? WHERE consumer_group = ? IF live = null',
);

/** Throws {@link DefinitionChangedError} when this version is recorded with another definition; answers whether it is recorded. */
export async function checkVersion(port: CqlPort, definition: ProjectionDefinition): Promise<boolean> {
  const row = await port.readOne(find, [definition.group, definition.version]);
  const recorded = (row?.definition_hash ?? undefined) as string | undefined;
  if (recorded !== undefined && recorded !== storedHash(definition)) {
    throw new DefinitionChangedError(definition, recorded, storedHash(definition));
  }
  return recorded !== undefined;
}

/** Records the version of a table that is there. Throws {@link DefinitionChangedError}. */
export async function recordVersion(port: CqlPort, definition: ProjectionDefinition): Promise<void> {
  const { group, version, table } = definition;
  const values = [group, version, storedHash(definition), versionedTableName(table, version)];
  await port.writeIf([{ statement: record, values }]);
  await checkVersion(port, definition); // another process may have recorded it first
}

/** Makes a recorded version the one that is read, if there is none. */
export async function makeLiveIfFirst(port: CqlPort, { group, version }: ProjectionDefinition): Promise<void> {
  if ((await liveVersion(port, group)) === undefined) {
    await port.writeIf([{ statement: makeFirstLive, values: [version, group] }]);
  }
}

/** How often the table of this version was healed in place: what was written before a heal loses against what is written after it. */
export async function revisionOf(port: CqlPort, { group, version }: ProjectionDefinition): Promise<number> {
  const row = await port.readOne(find, [group, version]);
  return Number(row?.revision ?? 0);
}

/** The version that is read; undefined when there is none. */
export async function liveVersion(port: CqlPort, group: string): Promise<number | undefined> {
  const row = await port.readOne(findLive, [group]);
  return (row?.live ?? undefined) as number | undefined;
}

/** What was recorded must be what is there: how a table is spread is no part of its definition, but of its key here. */
function storedHash(definition: ProjectionDefinition): string {
  const { spreadBy } = definition.table;
  return spreadBy === undefined ? definitionHash(definition) : `${definitionHash(definition)} spread by ${spreadBy}`;
}
