import { EmbeddedConsumerStore } from '@chronicle/change-feed-embedded';
import type { ProjectionDefinition, RowChange } from '@chronicle/projection-core';
import { openProjectionVersion } from './projection-versions.js';
import { RowWriter } from './row-writer.js';

/**
 * Opens the memory of a projection's consumer group in `<group>.db`: rows, positions and checkpoints move in one transaction.
 * Makes the table of this projection version when it is missing. Throws `DefinitionChangedError` when the version was built
 * with another table, `StoreUnavailableError` when the file cannot be used. `dataDir` is absolute.
 */
export function openEmbeddedProjectionStore(
  dataDir: string,
  definition: ProjectionDefinition,
): Promise<EmbeddedConsumerStore<RowChange>> {
  let writer: RowWriter;
  return EmbeddedConsumerStore.open<RowChange>({
    dataDir,
    group: definition.group,
    version: definition.version,
    createTables(database) {
      openProjectionVersion(database, definition);
      writer = new RowWriter(database, definition);
    },
    applyEffects: (_database, _aggregateId, changes) => writer.apply(changes),
  });
}
