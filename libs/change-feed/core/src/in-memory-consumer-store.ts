import { BucketLostError, ConsumerStore, PARKED_LISTED_MAX } from './consumer-store.js';
import type { Advance, Checkpoint, ParkedAggregate, Position } from './consumer-store.js';
import type { InMemoryGroupCoordination } from './in-memory-group-coordination.js';

/**
 * The memory of a consumer group as the port means it, in the memory of one process: the reference that others are compared
 * with, and a stand-in for specs.
 */
export class InMemoryConsumerStore<Effect = never> extends ConsumerStore<Effect> {
  readonly #positions = new Map<string, Position>();
  readonly #checkpoints = new Map<number, string>();

  /** `applyEffects` is called as part of a commit, once for every step that moves a position. */
  constructor(
    private readonly coordination: InMemoryGroupCoordination,
    private readonly applyEffects: (aggregateId: string, effects: readonly Effect[]) => void = () => undefined,
  ) {
    super();
  }

  async positions(aggregateIds: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return new Map(
      aggregateIds.flatMap((aggregateId) => {
        const position = this.#positions.get(aggregateId);
        return position === undefined ? [] : [[aggregateId, position]];
      }),
    );
  }

  async checkpoints(): Promise<ReadonlyMap<number, string>> {
    return new Map(this.#checkpoints);
  }

  async commit(advances: readonly Advance<Effect>[], checkpoints: readonly Checkpoint[]): Promise<void> {
    for (const { bucket, epoch } of [...advances, ...checkpoints]) {
      if (this.coordination.epochOf(bucket) !== epoch) throw new BucketLostError(bucket, epoch);
    }
    for (const { aggregateId, position, effects } of advances) {
      if (!moves(this.#positions.get(aggregateId), position)) continue;
      this.#positions.set(aggregateId, position);
      this.applyEffects(aggregateId, effects);
    }
    for (const { bucket, checkpoint } of checkpoints) this.#checkpoints.set(bucket, checkpoint);
  }

  async parked(isWanted: (parked: ParkedAggregate) => boolean = () => true): Promise<readonly ParkedAggregate[]> {
    const parked = [...this.#positions].flatMap(([aggregateId, position]) =>
      position.parked === null ? [] : [{ aggregateId, ...position.parked }],
    );
    const byTime = (left: ParkedAggregate, right: ParkedAggregate) => left.since.localeCompare(right.since);
    return parked.filter(isWanted).sort(byTime).slice(0, PARKED_LISTED_MAX);
  }

  async parkedCount(): Promise<number> {
    return [...this.#positions.values()].filter((position) => position.parked !== null).length;
  }

  async close(): Promise<void> {
    this.#positions.clear();
  }
}

function moves(from: Position | undefined, to: Position): boolean {
  const sequence = from?.sequence ?? 0;
  if (to.sequence !== sequence) return to.sequence > sequence;
  return JSON.stringify(from?.parked ?? null) !== JSON.stringify(to.parked);
}
