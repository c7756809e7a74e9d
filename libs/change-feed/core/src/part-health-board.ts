import type { PartHealth, WorkerObserver, WorkerPart } from './worker-observer.js';

const PARTS: readonly WorkerPart[] = ['change-feed', 'event-store', 'handler', 'consumer-store', 'coordination'];

/** Which parts of a worker are in use; tells the observer when that changes. */
export class PartHealthBoard {
  readonly #reasons = new Map<WorkerPart, string>();

  constructor(private readonly observer: WorkerObserver) {}

  up(part: WorkerPart): void {
    if (this.#reasons.delete(part)) this.observer.recovered?.({ part });
  }

  down(part: WorkerPart, error: unknown): void {
    const known = this.#reasons.has(part);
    this.#reasons.set(part, reasonOf(error));
    if (!known) this.observer.outage?.({ part, error });
  }

  parts(): readonly PartHealth[] {
    return PARTS.map((part) => ({ part, up: !this.#reasons.has(part), reason: this.#reasons.get(part) ?? null }));
  }
}

/** The words of an error, whatever was thrown. */
export function reasonOf(error: unknown): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
