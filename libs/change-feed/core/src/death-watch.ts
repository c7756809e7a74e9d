import type { SeenInstance } from './group-coordination.js';

/**
 * One observer's judgement of which instances are dead: those whose beat stood still for `timeoutMs` while the observer's own
 * reads succeeded. A failed read starts every watch again, or an outage of the database would look like everybody's death; so
 * does a read long after the one before, or a machine that slept would wake up to the death of all but the first.
 * An instance that is known to have ended is dead at once; one without a row, after the same time.
 */
export class DeathWatch {
  readonly #watched = new Map<string, { beat: number; since: number; ended: boolean }>();
  #readAt = -Infinity;

  constructor(private readonly timeoutMs: number) {}

  /** What a read that succeeded saw, at `now` (monotonic ms); `owners` are watched even when they have no row. */
  observe(instances: readonly SeenInstance[], owners: Iterable<string>, now: number): void {
    if (now - this.#readAt > this.timeoutMs / 2) this.restart();
    this.#readAt = now;
    const present = new Set<string>();
    for (const instance of instances) {
      present.add(instance.instanceId);
      this.#see(instance.instanceId, instance.beat, instance.ended, now);
    }
    for (const owner of owners) {
      if (present.has(owner)) continue;
      present.add(owner);
      this.#see(owner, -1, false, now);
    }
    for (const instanceId of this.#watched.keys()) if (!present.has(instanceId)) this.#watched.delete(instanceId);
  }

  /** A read failed: nothing is known of the time since the last one. */
  restart(): void {
    this.#watched.clear();
  }

  isDead(instanceId: string, now: number): boolean {
    const watched = this.#watched.get(instanceId);
    return watched !== undefined && (watched.ended || now - watched.since >= this.timeoutMs);
  }

  #see(instanceId: string, beat: number, ended: boolean, now: number): void {
    const watched = this.#watched.get(instanceId);
    if (watched?.beat === beat && watched.ended === ended) return;
    this.#watched.set(instanceId, { beat, since: now, ended });
  }
}
