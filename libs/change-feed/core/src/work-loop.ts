import { failpoint } from '@chronicle/seams';
import type { BucketAssignment } from './bucket-assignment.js';
import { inEpochs } from './bucket-steps.js';
import type { Step } from './bucket-steps.js';
import { FEED_EVENTS_MAX } from './change-feed.js';
import type { FeedReader, FeedSlice } from './change-feed.js';
import type { HandledRun } from './consumer-handler.js';
import type { OutageRepeater } from './outage-repeater.js';
import { StoppedError } from './outage-repeater.js';
import type { ParkedOrders } from './parked-orders.js';
import type { PartHealthBoard } from './part-health-board.js';
import type { PauseGate } from './pause-gate.js';
import { judgeRun } from './run-outcome.js';
import type { SequencedRun, Sequencer } from './sequencer.js';
import type { WakeUp } from './wake-up.js';
import type { ConsumerWorkerOptions } from './worker-options.js';
import type { WorkerSettings } from './worker-settings.js';

/** The wait of a turn that has nothing to do but to look again. */
const IDLE_MS = 20;
/** The most events that the handler is given at once, but for one aggregate that has more. */
const HANDLED_EVENTS_MAX = 1000;

/** What a {@link WorkLoop} needs. */
export interface WorkLoopOptions<Effect> extends Pick<
  ConsumerWorkerOptions<Effect>,
  'store' | 'handler' | 'clock' | 'entropy' | 'observer'
> {
  readonly settings: WorkerSettings;
  readonly reader: FeedReader;
  readonly sequencer: Sequencer;
  readonly assignment: BucketAssignment;
  readonly orders: ParkedOrders<Effect>;
  readonly repeater: OutageRepeater;
  readonly gate: PauseGate;
  readonly health: PartHealthBoard;
  readonly wakeUp: WakeUp;
  readonly stopping: () => boolean;
}

/** Turn after turn: follow the buckets, carry out orders, fetch, put in order, handle, commit. At the top of a turn nothing is in hand. */
export class WorkLoop<Effect> {
  constructor(private readonly options: WorkLoopOptions<Effect>) {}

  /** Resolves when the process is to stop and the batch in hand is committed, or given up because of an outage. */
  async run(): Promise<void> {
    try {
      while (!this.options.stopping()) await this.#turn();
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
    }
  }

  async #turn(): Promise<void> {
    const { repeater, sequencer, orders, gate, wakeUp } = this.options;
    const woken = wakeUp.signal;
    await repeater.repeat('consumer-store', () => this.#followBuckets());
    await repeater.repeat('coordination', () => orders.carryOut(!gate.isOpen));
    if (await gate.rest(woken)) return;
    const slices = await this.#fetch(woken);
    const delay = failpoint('feed-after-fetch');
    if (delay !== undefined) await delay;
    const runs = await repeater.repeat('consumer-store', () => sequencer.take(slices));
    await this.#process(runs);
  }

  async #followBuckets(): Promise<void> {
    const { assignment, orders } = this.options;
    orders.took(await assignment.follow());
  }

  /** The next slices; while the group is far behind, several pages of them, so that more of an aggregate is one step. */
  async #fetch(woken: AbortSignal): Promise<readonly FeedSlice[]> {
    const { assignment, sequencer, clock, settings } = this.options;
    const slices: FeedSlice[] = [];
    if (assignment.size === 0 || sequencer.full) {
      await clock.sleep(IDLE_MS, woken);
      return slices;
    }
    for (let events = 0, isFull = true; isFull && events < settings.batchEventsMax;) {
      const page = await this.#nextPage(woken);
      const added = page.reduce((sum, slice) => sum + slice.events.length, 0);
      slices.push(...page);
      events += added;
      isFull = added >= FEED_EVENTS_MAX;
    }
    return slices;
  }

  async #nextPage(woken: AbortSignal): Promise<readonly FeedSlice[]> {
    const { reader, clock, health, settings } = this.options;
    try {
      const page = await reader.next(woken);
      health.up('change-feed');
      return page;
    } catch (error) {
      health.down('change-feed', error);
      await clock.sleep(settings.controlEveryMs, woken);
      return [];
    }
  }

  async #process(taken: readonly SequencedRun[]): Promise<void> {
    if (taken.length === 0) return this.#commit([]);
    const { clock, repeater, observer } = this.options;
    const startedAt = clock.monotonic();
    const steps: Step<Effect>[] = [];
    let events = 0;
    for (const part of inParts(taken)) {
      if (part !== taken) await clock.sleep(0);
      const { runs, results } = await repeater.repeat('handler', () => this.#handle(part));
      for (let index = 0; index < runs.length; index += 1) {
        events += results[index]!.handled;
        const step = this.#conclude(runs[index]!, results[index]!);
        if (step !== undefined) steps.push(step);
      }
    }
    await this.#commit(steps);
    observer?.batch?.({ events, aggregates: taken.length, durationMs: clock.monotonic() - startedAt });
  }

  /** Handles the runs of buckets that may be written for: after a wait, some may not. */
  async #handle(taken: readonly SequencedRun[]): Promise<{
    readonly runs: readonly SequencedRun[];
    readonly results: readonly HandledRun<Effect>[];
  }> {
    const epochs = this.options.assignment.writable();
    const runs = taken.filter((run) => epochs.has(run.bucket));
    return { runs, results: runs.length === 0 ? [] : await this.options.handler.handle(runs) };
  }

  /** What is to be committed of a run; undefined when nothing of it took effect and it is tried again. */
  #conclude(run: SequencedRun, result: HandledRun<Effect>): Step<Effect> | undefined {
    const { sequencer, observer } = this.options;
    const { position, retry } = judgeRun(run, result, sequencer.attempts(run), this.options);
    sequencer.settle(run, position, retry);
    const { aggregateId, bucket } = run;
    if (retry !== undefined) {
      const { code, reason } = result.failure!;
      observer?.retried?.({ aggregateId, attempt: retry.attempts, code, reason });
      if (result.handled === 0) return undefined;
    }
    if (position.parked !== null) observer?.parked?.({ aggregateId, ...position.parked });
    return { aggregateId, bucket, position, effects: result.effects };
  }

  /** Commits what was handled, and the checkpoints that nothing unhandled lies before; without what belongs to buckets lost meanwhile. */
  async #commit(steps: readonly Step<Effect>[]): Promise<void> {
    const { sequencer, repeater, assignment, store } = this.options;
    const checkpoints = sequencer.takeCheckpoints();
    if (steps.length === 0 && checkpoints.length === 0) return;
    await repeater.repeat('consumer-store', async () => {
      const epochs = assignment.writable();
      const own = inEpochs(steps, epochs);
      const ownCheckpoints = inEpochs(checkpoints, epochs);
      if (own.length === 0 && ownCheckpoints.length === 0) return;
      const delay = failpoint('before-commit-send');
      if (delay !== undefined) await delay;
      await store.commit(own, ownCheckpoints);
    });
  }
}

/** Runs in parts that a handler is given at once: more would hold up the event loop. */
function inParts(runs: readonly SequencedRun[]): readonly (readonly SequencedRun[])[] {
  const parts: SequencedRun[][] = [[]];
  let events = 0;
  for (const run of runs) {
    if (events > 0 && events + run.events.length > HANDLED_EVENTS_MAX) {
      parts.push([]);
      events = 0;
    }
    parts.at(-1)!.push(run);
    events += run.events.length;
  }
  return parts.length === 1 ? [runs] : parts;
}
