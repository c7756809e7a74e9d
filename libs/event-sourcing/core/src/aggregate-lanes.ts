import { StoreUnavailableError } from './event-store.js';

interface Lane {
  /** Resolves when the last task of the lane has ended, however it ended. */
  end: Promise<unknown>;
  tasks: number;
}

/**
 * Lets the tasks of one aggregate run one after another, in the order they came, and those of different aggregates side by
 * side. It spares the losers of a race their conflict, and makes the repeat of a command wait for the command itself.
 */
export class AggregateLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #tasksMax: number;

  constructor(tasksMax: number) {
    this.#tasksMax = tasksMax;
  }

  /** Answers as `task` does. Throws {@link StoreUnavailableError}, and does not run it, when the lane is full. */
  async run<T>(aggregateId: string, task: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(aggregateId) ?? { end: Promise.resolve(), tasks: 0 };
    if (lane.tasks >= this.#tasksMax) {
      throw new StoreUnavailableError(
        `aggregate ${aggregateId} has ${lane.tasks} commands waiting, at most ${this.#tasksMax} may: try again later`,
      );
    }
    this.#lanes.set(aggregateId, lane);
    lane.tasks += 1;
    const result = lane.end.then(task).finally(() => {
      lane.tasks -= 1;
      if (lane.tasks === 0) this.#lanes.delete(aggregateId);
    });
    lane.end = result.catch(() => undefined);
    return result;
  }

  /** Resolves when no task runs or waits. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(Array.from(this.#lanes.values(), (lane) => lane.end));
  }
}
