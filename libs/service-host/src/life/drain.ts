import type { Clock } from '@chronicle/seams';
import type { Log } from './log.js';

interface Step {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

/** How a drain ended: everything was finished, or the names of the steps that failed, and of those the bound cut off. */
export type DrainOutcome =
  | { readonly outcome: 'finished' }
  | { readonly outcome: 'incomplete'; readonly failed: readonly string[]; readonly unfinished: readonly string[] };

/**
 * What a process does before it ends, one step after the other in the order they were added, within a bound. A step that
 * fails is logged and the next one runs.
 */
export class Drain {
  private readonly steps: Step[] = [];
  private running: Promise<DrainOutcome> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** True from the moment the process was asked to end. */
  get isDraining(): boolean {
    return this.running !== null;
  }

  /** Adds a step. By the time it runs, no HTTP request is under way any more. */
  step(name: string, run: () => Promise<void> | void): void {
    this.steps.push({ name, run });
  }

  /** Runs the steps, at most `timeoutMs` in all. A second call gets the outcome of the first. */
  start(timeoutMs: number): Promise<DrainOutcome> {
    this.running ??= this.run(timeoutMs);
    return this.running;
  }

  private async run(timeoutMs: number): Promise<DrainOutcome> {
    const waiting = new AbortController();
    const bound = this.clock.sleep(timeoutMs, waiting.signal).then(() => 'bound' as const);
    const failed: string[] = [];
    const unfinished = this.steps.map((step) => step.name);
    for (const step of this.steps) {
      const ended = await Promise.race([this.finish(step), bound]);
      if (ended === 'bound') break;
      if (ended === 'failed') failed.push(step.name);
      unfinished.shift();
    }
    waiting.abort();
    if (failed.length === 0 && unfinished.length === 0) return { outcome: 'finished' };
    this.log.error({ failed, unfinished, timeoutMs }, 'the drain is incomplete');
    return { outcome: 'incomplete', failed, unfinished };
  }

  private async finish(step: Step): Promise<'done' | 'failed'> {
    try {
      await step.run();
      return 'done';
    } catch (error) {
      this.log.error({ err: error, step: step.name }, 'a step of the drain failed');
      return 'failed';
    }
  }
}
