import { systemClock } from '@chronicle/seams';

/** Something that was done to a system, and when. */
export interface Fault {
  /** Milliseconds from the start of the run. */
  readonly atMs: number;
  readonly app: string;
  readonly fault: string;
}

/** Everything that was done to a system, in order: printed when an invariant is broken. */
export class FaultLog {
  readonly faults: Fault[] = [];
  private readonly began = systemClock.monotonic();

  get elapsedMs(): number {
    return Math.round(systemClock.monotonic() - this.began);
  }

  add(app: string, fault: string): void {
    this.faults.push({ atMs: this.elapsedMs, app, fault });
  }

  /** How many of each kind, by the first word. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { fault } of this.faults) {
      const kind = fault.split(' ')[0]!;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  toString(): string {
    return this.faults
      .map(({ atMs, app, fault }) => `${(atMs / 1000).toFixed(1).padStart(7)} s  ${app}: ${fault}`)
      .join('\n');
  }
}
