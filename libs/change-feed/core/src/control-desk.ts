import { timestampText, uuidV7 } from '@chronicle/seams';
import type { Clock, Entropy } from '@chronicle/seams';
import type { ConsumerStore } from './consumer-store.js';
import type { ActionResult, AdminAction, GroupControl, GroupCoordination } from './group-coordination.js';
import { GroupNotAnsweringError } from './group-not-answering-error.js';
import { WakeUp } from './wake-up.js';
import type { WorkerSettings } from './worker-settings.js';

/** The wait between two looks at whether an order has taken effect. */
const LOOK_EVERY_MS = 20;

/** What a {@link ControlDesk} needs. */
export interface ControlDeskOptions {
  readonly group: string;
  readonly coordination: GroupCoordination;
  readonly store: Pick<ConsumerStore<unknown>, 'positions'>;
  readonly bucketOf: (aggregateId: string) => number;
  /** Is the instance known to be dead? */
  readonly isDead: (instanceId: string) => boolean;
  /** Does this instance own the bucket? */
  readonly owns: (bucket: number) => boolean;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly settings: WorkerSettings;
  /** The switch was turned, or there is something to carry out. */
  readonly onChange: () => void;
  readonly onOutcome: (error: unknown | undefined) => void;
}

/**
 * The group's switch and people's orders, at both ends: it gives them for whoever asks this replica and waits until they have
 * taken effect, and it brings those of others to the worker of this process.
 */
export class ControlDesk {
  readonly #options: ControlDeskOptions;
  readonly #stopped = new AbortController();
  readonly #lookNow = new WakeUp();
  readonly #waiting = new Map<string, AdminAction>();
  #control: GroupControl | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ControlDeskOptions) {
    this.#options = options;
  }

  /** The switch as last read; undefined until it could be read once. */
  get control(): GroupControl | undefined {
    return this.#control;
  }

  /** Orders that this instance is to carry out, oldest first. */
  waiting(): readonly AdminAction[] {
    return [...this.#waiting.values()].filter((action) => this.#options.owns(action.bucket));
  }

  /** The order was carried out. */
  async complete(action: AdminAction, result: ActionResult): Promise<void> {
    await this.#options.coordination.complete(action.actionId, result);
    this.#waiting.delete(action.actionId);
  }

  async start(): Promise<void> {
    await this.#look();
    this.#loop = this.#lookLoop();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#lookNow.ring();
    await this.#loop;
  }

  /** Turns the switch and waits until every live instance acts on it. Throws {@link GroupNotAnsweringError}. */
  async setPaused(paused: boolean): Promise<void> {
    const { coordination, isDead } = this.#options;
    const control = await coordination.setPaused(paused);
    this.#turnTo(control);
    await this.#until(paused ? 'pause' : 'resume', async () => {
      const instances = await coordination.instances();
      const acting = instances.filter((instance) => !instance.ended && !isDead(instance.instanceId));
      return acting.every((instance) => instance.controlRevision >= control.revision) || undefined;
    });
  }

  /** Has the owner of its bucket carry out an order, and waits for the result. Throws {@link GroupNotAnsweringError}. */
  async order(
    kind: AdminAction['kind'],
    aggregateId: string,
    by: { readonly reason: string | null; readonly userId: string | null },
  ): Promise<ActionResult> {
    const { coordination, store, bucketOf, clock, entropy } = this.#options;
    const parked = (await store.positions([aggregateId])).get(aggregateId)?.parked;
    if (parked === null || parked === undefined) return 'not-parked';
    const action: AdminAction = {
      actionId: uuidV7(clock, entropy),
      kind,
      aggregateId,
      bucket: bucketOf(aggregateId),
      sequenceNumber: parked.sequenceNumber,
      ...by,
      requestedAt: timestampText(clock.now()),
    };
    await coordination.request(action);
    this.#lookNow.ring();
    return this.#until(`${kind} of ${aggregateId}`, () => coordination.actionResult(action.actionId));
  }

  async #until<T>(order: string, look: () => Promise<T | undefined>): Promise<T> {
    const { clock, group, settings } = this.#options;
    const deadline = clock.monotonic() + settings.answerTimeoutMs;
    for (;;) {
      const result = await look();
      if (result !== undefined) return result;
      if (clock.monotonic() >= deadline) throw new GroupNotAnsweringError(group, order, settings.answerTimeoutMs);
      await clock.sleep(LOOK_EVERY_MS, this.#stopped.signal);
      if (this.#stopped.signal.aborted) throw new GroupNotAnsweringError(group, order, settings.answerTimeoutMs);
    }
  }

  async #lookLoop(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#options.clock.sleep(this.#options.settings.controlEveryMs, this.#lookNow.signal);
      if (!this.#stopped.signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { coordination, onOutcome, onChange } = this.#options;
    try {
      this.#turnTo(await coordination.control());
      const actions = await coordination.pendingActions();
      this.#waiting.clear();
      for (const action of actions) this.#waiting.set(action.actionId, action);
      if (this.waiting().length > 0) onChange();
      onOutcome(undefined);
    } catch (error) {
      onOutcome(error);
    }
  }

  #turnTo(control: GroupControl): void {
    if (this.#control !== undefined && control.revision <= this.#control.revision) return;
    this.#control = control;
    this.#options.onChange();
  }
}
