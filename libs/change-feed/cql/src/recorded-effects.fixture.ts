import type { Advance } from '@chronicle/change-feed-core';
import type { EffectWriter } from './cql-consumer-store.js';

/** Effects as rows would take them that carry the timestamp of their sequence: what is not beyond what was written is lost. */
export class RecordedEffects implements EffectWriter<string> {
  /** `aggregateId effect`, in the order of the writes that counted. */
  readonly lines: string[] = [];
  readonly #sequences = new Map<string, number>();

  async write(advances: readonly Advance<string>[]): Promise<void> {
    for (const { aggregateId, position, effects } of advances) {
      if (position.sequence <= (this.#sequences.get(aggregateId) ?? 0)) continue;
      this.#sequences.set(aggregateId, position.sequence);
      this.lines.push(...effects.map((effect) => `${aggregateId} ${effect}`));
    }
  }
}
