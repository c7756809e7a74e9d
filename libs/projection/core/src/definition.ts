import { createHash } from 'node:crypto';
import type { DomainEvent } from '@chronicle/event-sourcing-core';
import type { Projection, TableDefinition } from './projection.js';

/** What a read model is stored by: its group, version and table. Every {@link Projection} is one. */
export type ProjectionDefinition = Pick<Projection<unknown, DomainEvent>, 'group' | 'version' | 'table'>;

/** The table of one projection version, `order_read_model_v2`: a new version is a new table beside the old one. */
export function versionedTableName(table: TableDefinition, version: number): string {
  return `${table.name}_v${version}`;
}

/**
 * SHA-256 (hex) of what a projection writes: its table and version. It is recorded with the table in `projection_versions`; the
 * order in which the columns are named does not matter, nor how an engine may spread the table.
 */
export function definitionHash({ version, table }: Omit<ProjectionDefinition, 'group'>): string {
  const columns = Object.entries(table.columns).sort(([left], [right]) => (left < right ? -1 : 1));
  const clustering = table.clusteringKey.map(({ column, order }) => [column, order]);
  const canonical = JSON.stringify([version, table.name, columns, table.partitionKey, clustering]);
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}

/** A projection's table was changed but not its version: its rows would be mixed with those of the old definition. */
export class DefinitionChangedError extends Error {
  override readonly name = 'DefinitionChangedError';
  readonly code = 'definition-changed';
  readonly retryable = false;
  constructor(
    readonly definition: ProjectionDefinition,
    readonly recordedHash: string,
    hash = definitionHash(definition),
  ) {
    super(
      `projection ${definition.group} version ${definition.version} was built with another definition of table ` +
        `${definition.table.name} (recorded ${recordedHash}, this build has ${hash}): ` +
        `take the change back, or raise the projection's version, which fills a table of its own`,
    );
  }
}
