import { failpoint } from '@chronicle/seams';
import type { Clock } from '@chronicle/seams';
import type { GroupCoordination } from './group-coordination.js';
import { WakeUp } from './wake-up.js';
import type { WorkerSettings } from './worker-settings.js';

/** What a {@link Heartbeat} needs. */
export interface HeartbeatOptions {
  readonly instanceId: string;
  readonly coordination: Pick<GroupCoordination, 'beat'>;
  readonly clock: Clock;
  readonly settings: Pick<WorkerSettings, 'heartbeatMs' | 'coordinateEveryMs' | 'ownDeadlineMs'>;
  /** Told of a beat that failed. */
  readonly onOutcome: (error: unknown) => void;
}

/** Keeps this process alive in the eyes of its group, and knows when it may no longer count on that. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beatNow = new WakeUp();
  #loop: Promise<void> = Promise.resolve();
  #stopped = false;
  #beat = 0;
  #failed = false;
  #controlRevision = 0;
  #sentRevision = 0;
  /** When the last beat that succeeded was sent (monotonic ms): others saw it no earlier. */
  #beatenAt = -Infinity;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Did a beat succeed so lately that nobody can take this instance for dead yet? */
  get isCurrent(): boolean {
    return this.#options.clock.monotonic() - this.#beatenAt < this.#options.settings.ownDeadlineMs;
  }

  /** Resolves after the first beat, whatever came of it. */
  async start(): Promise<void> {
    await this.#send();
    this.#loop = this.#beatOn();
  }

  /** Carries this revision of the control row from now on: at once, and again with every beat. */
  acknowledge(controlRevision: number): void {
    this.#controlRevision = controlRevision;
    this.#beatNow.ring();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#beatNow.ring();
    await this.#loop;
  }

  async #beatOn(): Promise<void> {
    const { clock, settings } = this.#options;
    while (!this.#stopped) {
      const waitMs = this.#failed ? Math.min(settings.heartbeatMs, settings.coordinateEveryMs) : settings.heartbeatMs;
      if (this.#sentRevision === this.#controlRevision) await clock.sleep(waitMs, this.#beatNow.signal);
      if (!this.#stopped) await this.#send();
    }
  }

  async #send(): Promise<void> {
    const { coordination, clock, instanceId, onOutcome } = this.#options;
    const sentAt = clock.monotonic();
    const controlRevision = this.#controlRevision;
    this.#beat += 1;
    this.#sentRevision = controlRevision;
    this.#failed = true;
    try {
      await coordination.beat({ instanceId, beat: this.#beat, controlRevision });
      await failpoint('heartbeat-lost-reply');
      this.#beatenAt = sentAt;
      this.#failed = false;
    } catch (error) {
      onOutcome(error);
    }
  }
}
