/** A time that the simulation lets pass, from one event to the next. What was scheduled for one time happens in the order in which it was. */
export class SimulatedTime {
  /** When every schedule begins, in ms since 1970. */
  static readonly START_MS = Date.UTC(2026, 0, 1);

  #elapsed = 0;
  #scheduled = 0;
  readonly #queue: ScheduledEvent[] = [];

  /** ms since the beginning of the schedule, with fractions. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** ms since 1970. */
  get now(): number {
    return SimulatedTime.START_MS + this.#elapsed;
  }

  /** Lets `happen` happen in `delayMs`; the answer takes it back. */
  schedule(delayMs: number, happen: () => void): () => void {
    this.#scheduled += 1;
    const event: ScheduledEvent = { at: this.#elapsed + Math.max(0, delayMs), order: this.#scheduled, happen };
    push(this.#queue, event);
    return () => (event.happen = undefined);
  }

  /**
   * Lets time pass until `until` (elapsed ms) or until `isOver`, whichever is first. After each event, whoever it has woken goes on as far
   * as it can before the next one happens.
   */
  pass(until: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let ended = false;
      let turnsLeft = 0;
      const turn = (): void => {
        turnsLeft -= 1;
        if (ended) return;
        try {
          if (isOver() || !this.#happenNext(until)) {
            ended = true;
            return resolve();
          }
        } catch (error) {
          ended = true;
          return reject(error as Error);
        }
        if (turnsLeft === 0) plan();
      };
      // Between two immediates everything runs that promises have woken; planning several at once spares the event loop its rounds.
      const plan = (): void => {
        turnsLeft = TURNS_TOGETHER;
        for (let index = 0; index < TURNS_TOGETHER; index += 1) setImmediate(turn);
      };
      plan();
    });
  }

  #happenNext(until: number): boolean {
    for (;;) {
      const next = this.#queue[0];
      if (!next || next.at > until) {
        this.#elapsed = Math.max(this.#elapsed, until);
        return false;
      }
      pop(this.#queue);
      if (!next.happen) continue;
      this.#elapsed = next.at;
      next.happen();
      return true;
    }
  }
}

const TURNS_TOGETHER = 16;

interface ScheduledEvent {
  readonly at: number;
  readonly order: number;
  happen: (() => void) | undefined;
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** The queue is a heap: the first is the next, and no event is before the one at half its place. */
function push(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(event, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: ScheduledEvent[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
    if (!isBefore(heap[below]!, last)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
}
