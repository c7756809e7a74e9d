import type { EffectWriter } from '@chronicle/change-feed-cql';
import type { CqlPort } from '@chronicle/cql';
import type { ProjectionDefinition, RowChange } from '@chronicle/projection-core';
import { revisionOf } from './projection-versions.js';
import { RowWriter } from './row-writer.js';
import { SpreadRowWriter } from './spread-row-writer.js';

/** Opens what writes the rows of a projection version whose table is there; positions are not its business. */
export async function openRowWriter(port: CqlPort, definition: ProjectionDefinition): Promise<EffectWriter<RowChange>> {
  const options = { port, definition, revision: await revisionOf(port, definition) };
  const { spreadBy } = definition.table;
  return spreadBy === undefined ? new RowWriter(options) : new SpreadRowWriter(options, spreadBy);
}
