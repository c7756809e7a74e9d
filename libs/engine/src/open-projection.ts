import type { ConsumerStore } from '@chronicle/change-feed-core';
import type { ProjectionDefinition, ReadModelReader, RowChange } from '@chronicle/projection-core';
import { EmbeddedReadModelReader, openEmbeddedProjectionStore } from '@chronicle/projection-embedded';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';

/**
 * Opens the memory and the table of a projection, for the worker that fills it. Throws `DefinitionChangedError` when its table
 * was changed and its version was not. The caller closes it.
 */
export async function openProjectionStore(
  config: EngineConfig,
  projection: ProjectionDefinition,
): Promise<ConsumerStore<RowChange>> {
  return openEmbeddedProjectionStore(embeddedDataDir(config), projection);
}

/** Opens a read model for reading; its worker may start later. The caller closes it. */
export async function openReadModel(
  config: EngineConfig,
  projection: Pick<ProjectionDefinition, 'group' | 'table'>,
): Promise<ReadModelReader> {
  return new EmbeddedReadModelReader(embeddedDataDir(config), projection);
}
