import type { ConsumerStore } from '@chronicle/change-feed-core';
import { CqlConsumerStore } from '@chronicle/change-feed-cql';
import { CqlUnknownOutcomeError, type CqlPort, type SchemaLockOptions } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { ProjectionDefinition, RowChange } from '@chronicle/projection-core';
import { migrateReadModel } from './migrate-read-model.js';
import { openRowWriter } from './open-row-writer.js';

export interface CqlProjectionStoreOptions extends SchemaLockOptions {
  /** Connected to the migrated keyspace that is named here; stays its owner's to close. */
  readonly port: CqlPort;
  readonly definition: ProjectionDefinition;
}

/**
 * Opens the memory of a projection's consumer group and the table that it fills, made when it is missing. Rows are written before
 * the position that they follow from, each with the timestamp of its sequence, so that a repeat is harmless and what comes late
 * is lost. Throws what {@link migrateReadModel} throws; of an unknown outcome `StoreUnavailableError`, for it is repeated whole.
 */
export async function openCqlProjectionStore(options: CqlProjectionStoreOptions): Promise<ConsumerStore<RowChange>> {
  const { port, definition } = options;
  const { group, version } = definition;
  await migrateReadModel(port, definition, options).catch(mayBeRepeated);
  const effects = await openRowWriter(port, definition);
  return CqlConsumerStore.open<RowChange>({ port, group, version, effects });
}

function mayBeRepeated(error: unknown): never {
  if (!(error instanceof CqlUnknownOutcomeError)) throw error;
  throw new StoreUnavailableError(`the table of a read model may be half made: ${error.message}`, { cause: error });
}
