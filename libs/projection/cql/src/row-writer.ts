import type { Advance } from '@chronicle/change-feed-core';
import { sequenceStamp, type EffectWriter } from '@chronicle/change-feed-cql';
import type { BoundStatement, CqlPort, CqlValue } from '@chronicle/cql';
import type { ProjectionDefinition, Row, RowChange } from '@chronicle/projection-core';
import { RowCodec } from './stored-row.js';
import { tableStatements, type TableStatements } from './table-cql.js';

export interface RowWriterOptions {
  readonly port: CqlPort;
  readonly definition: ProjectionDefinition;
  /** How often the table was healed in place. */
  readonly revision: number;
}

/** Writes the rows of one projection version, each with the timestamp of the sequence that it follows from. */
export class RowWriter implements EffectWriter<RowChange> {
  readonly #port: CqlPort;
  readonly #statements: TableStatements;
  readonly #codec: RowCodec;
  readonly #revision: number;
  readonly #cut: (row: Row, bucket: number) => readonly CqlValue[];

  /** `cut` gives the values of the partition key's columns that are no column of the row. Throws `InvalidTableError`. */
  constructor(
    { port, definition, revision }: RowWriterOptions,
    cut: (row: Row, bucket: number) => readonly CqlValue[] = () => [],
  ) {
    this.#port = port;
    this.#statements = tableStatements(definition);
    this.#codec = new RowCodec(definition.table);
    this.#revision = revision;
    this.#cut = cut;
  }

  /** Writes before deletes: a row that changes its key is in two places for a moment, never in none. */
  async write(advances: readonly Advance<RowChange>[]): Promise<void> {
    const writes: BoundStatement[] = [];
    const deletes: BoundStatement[] = [];
    for (const { bucket, position, effects } of advances) {
      const stamp = sequenceStamp(this.#revision, position.sequence);
      for (const change of effects) {
        const row = change.kind === 'write' ? change.row : change.key;
        const partition = [...this.#codec.partition(row), ...this.#cut(row, bucket)];
        const place = this.#codec.clustering(row);
        if (change.kind === 'write') {
          const values = [...partition, ...place, this.#codec.body(row), stamp];
          writes.push({ statement: this.#statements.write, values });
        } else {
          deletes.push({ statement: this.#statements.remove, values: [stamp, ...partition, ...place] });
        }
      }
    }
    await this.#port.writeAll(writes);
    await this.#port.writeAll(deletes);
  }
}
