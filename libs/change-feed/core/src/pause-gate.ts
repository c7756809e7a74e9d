import type { Clock } from '@chronicle/seams';
import type { GroupControl } from './group-coordination.js';

/** What a {@link PauseGate} needs. */
export interface PauseGateOptions {
  /** The group's switch as last read; undefined: never yet. */
  readonly control: () => GroupControl | undefined;
  /** Tells the group which revision of the switch this instance acts on. */
  readonly acknowledge: (revision: number) => void;
  readonly clock: Clock;
  /** How long one rest lasts at most. */
  readonly restMs: number;
}

/** Where the work of this process rests while the group is paused. Passed only between two steps of work, so that to rest here is to act on the switch. */
export class PauseGate {
  #acknowledged: number | undefined;

  constructor(private readonly options: PauseGateOptions) {}

  /** May work go on? Not while the group is paused, nor while nobody could be asked. */
  get isOpen(): boolean {
    return this.options.control()?.paused === false;
  }

  /** Acknowledges the switch. While it is off: rests for a while or until `woken`, and returns true: look at everything anew. */
  async rest(woken: AbortSignal): Promise<boolean> {
    const { control, acknowledge, clock, restMs } = this.options;
    const revision = control()?.revision;
    if (revision !== undefined && revision !== this.#acknowledged) {
      this.#acknowledged = revision;
      acknowledge(revision);
    }
    if (this.isOpen) return false;
    await clock.sleep(restMs, woken);
    return true;
  }
}
