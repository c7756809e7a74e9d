import type { StreamState } from './stream-state.js';

/** The states of the streams that were appended to lately. They may be old: the condition of the commit tells. */
export class StreamCache {
  readonly #streams = new Map<string, StreamState>();
  readonly #streamsMax: number;

  constructor(streamsMax: number) {
    this.#streamsMax = streamsMax;
  }

  get(aggregateId: string): StreamState | undefined {
    return this.#streams.get(aggregateId);
  }

  set(aggregateId: string, { aggregateType, end, fence, commandCount, creationKey }: StreamState): void {
    this.#streams.delete(aggregateId);
    this.#streams.set(aggregateId, { aggregateType, end, fence, commandCount, creationKey });
    for (const eldest of this.#streams.keys()) {
      if (this.#streams.size <= this.#streamsMax) break;
      this.#streams.delete(eldest);
    }
  }

  delete(aggregateId: string): void {
    this.#streams.delete(aggregateId);
  }
}
