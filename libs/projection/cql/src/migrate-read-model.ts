import { CqlRefusedError, migrate, type CqlPort, type MigrateOptions, type MigrationReport } from '@chronicle/cql';
import { versionedTableName, type ProjectionDefinition } from '@chronicle/projection-core';
import { createLiveTableCql } from './live-statements.js';
import { checkVersion, makeLiveIfFirst, recordVersion } from './projection-versions.js';
import { createTableCql } from './table-cql.js';

/**
 * Makes the tables of a projection version in a migrated keyspace, unless they are there, and records it; the first version of a
 * projection is the one that is read, at once. Safe to run twice and by two at once. Throws `DefinitionChangedError` when the
 * version was made with another table, `SchemaLockedError` when another process changes the schema for long;
 * `StoreUnavailableError` and `CqlUnknownOutcomeError`, after which it is run again.
 */
export async function migrateReadModel(
  port: CqlPort,
  definition: ProjectionDefinition,
  options: MigrateOptions,
): Promise<readonly MigrationReport[]> {
  const { table, version } = definition;
  const tables = [
    createTableCql(definition),
    ...(table.spreadBy === undefined ? [] : [createLiveTableCql(definition)]),
  ];
  const migration = { id: `read-model-${versionedTableName(table, version)}`, cql: tables.join(';\n') };
  const recorded = await checkVersion(port, definition).catch((error: unknown) => {
    if (options.dryRun && error instanceof CqlRefusedError) return false; // the keyspace is not migrated yet
    throw error;
  });
  const reports = await migrate(port, [migration], { ...options, dryRun: options.dryRun || recorded });
  if (options.dryRun) return reports;
  if (!recorded) await recordVersion(port, definition);
  await makeLiveIfFirst(port, definition); // also of a recorded one: whoever recorded it may have been cut short
  return reports;
}
