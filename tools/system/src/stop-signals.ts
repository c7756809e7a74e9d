import { EventEmitter } from 'node:events';

/** The signals by which people, terminals and service managers ask a process to end. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * npm sends on the Ctrl-C that the terminal has already sent to everybody, so one press arrives twice: within this time of the
 * first request another one is the same.
 */
const SAME_REQUEST_MS = 1000;

/** The wish of the outside that this process end. */
export class StopSignals {
  /** Aborted by the first request; its reason is the name of the signal. */
  readonly first: AbortSignal;
  private readonly controller = new AbortController();
  private readonly again: () => void;
  private firstAt = 0;
  private readonly listener = (signal: string) => this.hear(signal);

  /** Calls `again` for each request after the first one: somebody is in a hurry. */
  constructor(
    again: () => void,
    private readonly source: EventEmitter = process,
  ) {
    this.first = this.controller.signal;
    this.again = again;
    for (const signal of STOP_SIGNALS) this.source.on(signal, this.listener);
  }

  dispose(): void {
    for (const signal of STOP_SIGNALS) this.source.off(signal, this.listener);
  }

  private hear(signal: string): void {
    if (!this.first.aborted) {
      this.firstAt = performance.now();
      this.controller.abort(signal);
    } else if (performance.now() - this.firstAt >= SAME_REQUEST_MS) {
      this.again();
    }
  }
}
