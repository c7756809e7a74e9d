import type { Position } from './consumer-store.js';

/** The position of an aggregate without a row in the store. */
export const START: Position = Object.freeze({ sequence: 0, state: null, parked: null });

/**
 * The positions used last, at most `positionsMax`, in two generations: a position that is used moves to the young one, and
 * when that is half of the bound, the old one is dropped whole. So a hit costs one look-up, and nothing is ever sorted.
 */
export class PositionCache {
  #young = new Map<string, Position>();
  #old = new Map<string, Position>();

  constructor(private readonly positionsMax: number) {}

  get(aggregateId: string): Position | undefined {
    const young = this.#young.get(aggregateId);
    if (young !== undefined) return young;
    const old = this.#old.get(aggregateId);
    if (old !== undefined) this.set(aggregateId, old);
    return old;
  }

  set(aggregateId: string, position: Position): void {
    this.#young.set(aggregateId, position);
    if (this.#young.size * 2 <= this.positionsMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Forgets the positions of all aggregates for which `forgotten` says so. */
  forget(forgotten: (aggregateId: string) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const aggregateId of generation.keys()) if (forgotten(aggregateId)) generation.delete(aggregateId);
    }
  }
}
