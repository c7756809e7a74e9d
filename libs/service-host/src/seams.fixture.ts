import type { Clock } from '@chronicle/seams';
import type { DestinationStream } from 'pino';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  private ms = 0;
  private sleepers: { until: number; wake: () => void }[] = [];
  constructor(private readonly start = Date.parse('2026-11-25T19:00:00.000Z')) {}

  now(): number {
    return this.start + this.ms;
  }

  monotonic(): number {
    return this.ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      signal?.addEventListener('abort', () => wake(), { once: true });
      this.sleepers.push({ until: this.ms + ms, wake });
    });
  }

  pass(ms: number): void {
    this.ms += ms;
    const due = this.sleepers.filter(({ until }) => until <= this.ms);
    this.sleepers = this.sleepers.filter(({ until }) => until > this.ms);
    for (const { wake } of due) wake();
  }
}

/** Keeps the lines of a log, parsed. */
export class KeptLog implements DestinationStream {
  readonly lines: Record<string, unknown>[] = [];
  write(line: string): void {
    this.lines.push(JSON.parse(line) as Record<string, unknown>);
  }
}
