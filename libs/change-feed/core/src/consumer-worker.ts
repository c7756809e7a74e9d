import { failpoint } from '@chronicle/seams';
import { backOffMs } from './back-off.js';
import { BucketCoordinator } from './bucket-coordinator.js';
import type { FeedReader, FeedSlice } from './change-feed.js';
import type { HandledRun } from './consumer-handler.js';
import { BucketLostError } from './consumer-store.js';
import type { Advance, ParkedAggregate } from './consumer-store.js';
import { ControlDesk } from './control-desk.js';
import type { ActionResult } from './group-coordination.js';
import { carryOut } from './parked-aggregate-order.js';
import type { ParkedAggregateOrder } from './parked-aggregate-order.js';
import { PartHealthBoard } from './part-health-board.js';
import { judgeRun } from './run-outcome.js';
import type { RunJudge } from './run-outcome.js';
import { Sequencer } from './sequencer.js';
import type { SequencedRun } from './sequencer.js';
import { WakeUp } from './wake-up.js';
import type { ConsumerWorkerOptions } from './worker-options.js';
import type { PartHealth, WorkerObserver, WorkerPart } from './worker-observer.js';
import { workerSettings } from './worker-settings.js';
import type { WorkerSettings } from './worker-settings.js';
import type { GroupStatus } from './worker-status.js';

/** The wait of a turn that has nothing to do but to look again. */
const IDLE_MS = 20;
/** An order that could not be carried out is tried again after this time. */
const ORDER_RETRY_MS = 1000;

/**
 * One process of a consumer group: takes its share of the buckets, hands their events to the handler, each aggregate's once
 * and in order, and commits what comes of it, then the next. What fails for one aggregate is tried again and then parked,
 * while all others flow; what fails for all (an outage) is repeated until it passes. Everything it knows is durable before
 * the next batch, so it may be killed at any point.
 */
export class ConsumerWorker<Effect = never> {
  readonly #options: ConsumerWorkerOptions<Effect>;
  readonly #settings: WorkerSettings;
  readonly #observer: WorkerObserver;
  readonly #health: PartHealthBoard;
  readonly #sequencer: Sequencer;
  readonly #coordinator: BucketCoordinator;
  readonly #desk: ControlDesk;
  readonly #reader: FeedReader;
  readonly #wakeUp = new WakeUp();
  /** What the reader and the sequencer work on: buckets with the epoch in which they were taken. */
  readonly #assigned = new Map<number, number>();
  /** Aggregates parked for an event unknown to an older build, to be tried again. */
  readonly #unknownToOlder: ParkedAggregateOrder[] = [];
  readonly #judge: RunJudge;
  #ordersAfter = 0;
  #acknowledged = 0;
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: ConsumerWorkerOptions<Effect>) {
    const { clock, feed, store, history, coordination, instanceId } = options;
    this.#options = options;
    const settings = (this.#settings = workerSettings(options.settings));
    const observer = (this.#observer = options.observer ?? {});
    this.#health = new PartHealthBoard(observer);
    const report = (part: WorkerPart) => (error: unknown) => this.#report(part, error);
    const bucketOf = (aggregateId: string) => feed.bucketOf(aggregateId);
    this.#sequencer = new Sequencer({ store, history, bucketOf, clock, settings, observer, onHistory: report('event-store') });
    const onChange = () => this.#wakeUp.ring();
    const onOutcome = report('coordination');
    this.#coordinator = new BucketCoordinator({ instanceId, coordination, clock, settings, observer, onChange, onOutcome });
    this.#desk = new ControlDesk({
      ...{ group: options.group, coordination, store, bucketOf, clock, entropy: options.entropy, settings, onChange, onOutcome },
      live: () => this.#coordinator.live,
      owns: (bucket) => this.#assigned.has(bucket),
    });
    this.#reader = feed.reader();
    this.#judge = { clock, entropy: options.entropy, settings };
  }

  /** Joins the group and begins to work; resolves once the first look at the group is over, whatever came of it. */
  async start(): Promise<void> {
    await this.#desk.start();
    await this.#coordinator.start();
    this.#loop = this.#work();
  }

  /**
   * Stops fetching, finishes and commits the batch in hand (or leaves it, when it is stuck in an outage, to the next owner),
   * gives back the buckets and leaves the group. Throws when the last could not be done: others notice by its silence then.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.ring();
    await this.#loop;
    await this.#desk.stop();
    await this.#reader.close();
    await this.#coordinator.stop();
  }

  /** The whole group's status, from any of its replicas. Throws `StoreUnavailableError`. */
  async status(): Promise<GroupStatus> {
    const { group, store, feed, coordination, clock } = this.#options;
    const [control, checkpoints, parked] = await Promise.all([coordination.control(), store.checkpoints(), store.parkedCount()]);
    const lag = await feed.lag(checkpoints);
    const buckets = [...this.#coordinator.held.keys()].sort((left, right) => left - right);
    const ms = lag.oldest === null ? 0 : Math.max(0, clock.now() - Date.parse(lag.oldest));
    const checkpoint = Object.fromEntries([...checkpoints].map(([bucket, text]) => [String(bucket), text]));
    return { group, paused: control.paused, buckets, lag: { events: lag.events, ms }, parked, checkpoint };
  }

  /** Stops the handling of events in the whole group, until {@link resume}, across restarts. Throws `GroupNotAnsweringError`. */
  pause(): Promise<void> {
    return this.#desk.setPaused(true);
  }

  resume(): Promise<void> {
    return this.#desk.setPaused(false);
  }

  parked(): Promise<readonly ParkedAggregate[]> {
    return this.#options.store.parked();
  }

  /** Goes on with a parked aggregate, also while paused. `done` may mean: parked anew. Throws `GroupNotAnsweringError`. */
  redrive(aggregateId: string, userId: string | null): Promise<ActionResult> {
    return this.#desk.order('redrive', aggregateId, { reason: null, userId });
  }

  /** Takes a parked aggregate past the one event that it is parked at, and goes on with it. Throws `GroupNotAnsweringError`. */
  skip(aggregateId: string, reason: string, userId: string | null): Promise<ActionResult> {
    return this.#desk.order('skip', aggregateId, { reason, userId });
  }

  /** Which of the parts that it depends on can be used. */
  health(): readonly PartHealth[] {
    return this.#health.parts();
  }

  /** Aggregates with a missing event, and the age of the oldest such hole. */
  openHoles(): { readonly count: number; readonly oldestMs: number } {
    return this.#sequencer.openHoles();
  }

  /** The buckets that this process owns. */
  bucketsHeld(): number {
    return this.#coordinator.held.size;
  }

  #report(part: WorkerPart, error: unknown): void {
    if (error === undefined) this.#health.up(part);
    else this.#health.down(part, error);
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopping) await this.#turn();
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
    }
  }

  async #turn(): Promise<void> {
    const woken = this.#wakeUp.signal;
    await this.#repeat('consumer-store', () => this.#followBuckets());
    await this.#carryOutOrders();
    if (await this.#rest(woken)) return;
    const slices = await this.#fetch(woken);
    const waiting = failpoint('feed-after-fetch');
    if (waiting !== undefined) await waiting;
    const runs = await this.#repeat('consumer-store', () => this.#sequencer.take(slices));
    await this.#process(runs);
  }

  /** Brings reader and sequencer to the buckets that are held, and lets go of those that are to leave: everything is committed here. */
  async #followBuckets(): Promise<void> {
    const { held } = this.#coordinator;
    const gone = new Set<number>();
    for (const [bucket, epoch] of this.#assigned) {
      if (held.get(bucket) !== epoch || this.#coordinator.isLeaving(bucket)) gone.add(bucket);
    }
    if (gone.size > 0) this.#letGo(gone);
    const taken = [...held].filter(([bucket]) => !this.#assigned.has(bucket) && !this.#coordinator.isLeaving(bucket));
    if (taken.length === 0) return;
    const checkpoints = await this.#options.store.checkpoints();
    const parked = await this.#options.store.parked();
    for (const [bucket, epoch] of taken) {
      if (held.get(bucket) !== epoch) continue;
      this.#reader.assign(bucket, checkpoints.get(bucket) ?? null);
      this.#sequencer.open(bucket);
      this.#assigned.set(bucket, epoch);
    }
    this.#tryUnknownAgain(parked, new Set(taken.map(([bucket]) => bucket)));
  }

  #letGo(buckets: ReadonlySet<number>): void {
    this.#sequencer.close(buckets);
    for (const bucket of buckets) {
      this.#reader.revoke(bucket);
      this.#assigned.delete(bucket);
      this.#coordinator.drained(bucket);
    }
  }

  /** A newer build may know what an older one parked. */
  #tryUnknownAgain(parked: readonly ParkedAggregate[], taken: ReadonlySet<number>): void {
    for (const { aggregateId, code, sequenceNumber } of parked) {
      const bucket = this.#options.feed.bucketOf(aggregateId);
      if (code !== 'unknown-event' || !taken.has(bucket)) continue;
      this.#unknownToOlder.push({ kind: 'redrive', aggregateId, bucket, sequenceNumber, reason: null, userId: null });
    }
  }

  async #carryOutOrders(): Promise<void> {
    if (this.#options.clock.monotonic() < this.#ordersAfter) return;
    for (const action of this.#desk.waiting()) {
      const result = await this.#carryOut(action);
      if (result === undefined) return;
      await this.#desk.complete(action, result).catch((error: unknown) => this.#report('coordination', error));
    }
    if (this.#desk.control?.paused !== false) return;
    for (let order = this.#unknownToOlder.pop(); order !== undefined; order = this.#unknownToOlder.pop()) {
      if (this.#assigned.has(order.bucket) && (await this.#carryOut(order)) === undefined) return void this.#unknownToOlder.push(order);
    }
  }

  /** The order's result; undefined when it could not be carried out now, and stands. */
  async #carryOut(order: ParkedAggregateOrder): Promise<ActionResult | undefined> {
    const { history, handler, clock } = this.#options;
    const position = (aggregateId: string) => this.#sequencer.position(aggregateId);
    const commit = async (advance: Step<Effect>) => {
      const own = inEpochs([advance], this.#writableEpochs());
      if (own.length === 0) throw new BucketLostError(advance.bucket, this.#assigned.get(advance.bucket) ?? 0);
      await this.#options.store.commit(own, []);
      this.#sequencer.moved(advance.aggregateId, advance.position);
    };
    try {
      const result = await carryOut(order, { history, handler, clock, observer: this.#observer, position, commit });
      this.#health.up('handler');
      return result;
    } catch (error) {
      this.#ordersAfter = clock.monotonic() + ORDER_RETRY_MS;
      if (error instanceof BucketLostError) this.#coordinator.lost(error.bucket);
      else this.#health.down('handler', error);
      return undefined;
    }
  }

  /** Acknowledges the switch where it is, and rests while it is off (or unknown still); true: look at everything anew. */
  async #rest(woken: AbortSignal): Promise<boolean> {
    const control = this.#desk.control;
    if (control !== undefined && control.revision !== this.#acknowledged) {
      this.#acknowledged = control.revision;
      this.#coordinator.acknowledge(control.revision);
    }
    if (control?.paused === false) return false;
    await this.#options.clock.sleep(this.#settings.controlEveryMs, woken);
    return true;
  }

  async #fetch(woken: AbortSignal): Promise<readonly FeedSlice[]> {
    if (this.#assigned.size > 0 && !this.#sequencer.full) {
      try {
        const slices = await this.#reader.next(woken);
        this.#health.up('change-feed');
        return slices;
      } catch (error) {
        this.#health.down('change-feed', error);
        await this.#options.clock.sleep(this.#settings.controlEveryMs, woken);
        return [];
      }
    }
    await this.#options.clock.sleep(IDLE_MS, woken);
    return [];
  }

  async #process(taken: readonly SequencedRun[]): Promise<void> {
    if (taken.length === 0) return this.#commit([]);
    const started = this.#options.clock.monotonic();
    const { runs, results } = await this.#repeat('handler', () => this.#handle(taken));
    const advances: Step<Effect>[] = [];
    let events = 0;
    for (let index = 0; index < runs.length; index += 1) {
      events += results[index]!.handled;
      const advance = this.#conclude(runs[index]!, results[index]!);
      if (advance !== undefined) advances.push(advance);
    }
    await this.#commit(advances);
    const durationMs = this.#options.clock.monotonic() - started;
    this.#observer.batch?.({ events, aggregates: runs.length, durationMs });
  }

  /** Handles the runs whose buckets are still held: after a wait, some may not be. */
  async #handle(taken: readonly SequencedRun[]): Promise<{
    readonly runs: readonly SequencedRun[];
    readonly results: readonly HandledRun<Effect>[];
  }> {
    const epochs = this.#writableEpochs();
    const runs = taken.every((run) => epochs.has(run.bucket)) ? taken : taken.filter((run) => epochs.has(run.bucket));
    return { runs, results: runs.length === 0 ? [] : await this.#options.handler.handle(runs) };
  }

  /** What is to be committed of a run; undefined when nothing of it took effect and it is tried again. */
  #conclude(run: SequencedRun, result: HandledRun<Effect>): Step<Effect> | undefined {
    const { position, retry } = judgeRun(run, result, this.#sequencer.attempts(run), this.#judge);
    this.#sequencer.settle(run, position, retry);
    const { aggregateId, bucket } = run;
    if (retry !== undefined) {
      const { code, reason } = result.failure!;
      this.#observer.retried?.({ aggregateId, attempt: retry.attempts, code, reason });
      if (result.handled === 0) return undefined;
    }
    if (position.parked !== null) this.#observer.parked?.({ aggregateId, ...position.parked });
    return { aggregateId, bucket, position, effects: result.effects };
  }

  /** Commits what was handled, and the checkpoints that nothing unhandled lies before; without what belongs to buckets lost meanwhile. */
  async #commit(advances: readonly Step<Effect>[]): Promise<void> {
    const checkpoints = this.#sequencer.takeCheckpoints();
    if (advances.length === 0 && checkpoints.length === 0) return;
    await this.#repeat('consumer-store', async () => {
      const epochs = this.#writableEpochs();
      const own = inEpochs(advances, epochs);
      const ownCheckpoints = inEpochs(checkpoints, epochs);
      if (own.length > 0 || ownCheckpoints.length > 0) await this.#options.store.commit(own, ownCheckpoints);
    });
  }

  /** The buckets for which this process may write now: those held in the epoch in which they were assigned. */
  #writableEpochs(): ReadonlyMap<number, number> {
    if (!this.#coordinator.mayWrite()) return new Map();
    const { held } = this.#coordinator;
    return new Map([...this.#assigned].filter(([bucket, epoch]) => held.get(bucket) === epoch));
  }

  /** Does `work` until it is done, through any outage, resting while the group is paused. Throws {@link StoppedError} on stop. */
  async #repeat<T>(part: WorkerPart, work: () => Promise<T>): Promise<T> {
    const { clock, entropy } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work();
        this.#health.up(part);
        return result;
      } catch (error) {
        if (error instanceof BucketLostError) {
          this.#coordinator.lost(error.bucket);
          continue;
        }
        this.#health.down(part, error);
      }
      if (this.#stopping) throw new StoppedError();
      const waitMs = backOffMs(attempt, this.#settings.retryAfterMs, this.#settings.outageRetryMaxMs, entropy);
      await this.#waitOut(waitMs);
    }
  }

  /** The wait between two attempts in an outage: it acknowledges the switch, and lasts as long as the group is paused. */
  async #waitOut(waitMs: number): Promise<void> {
    const until = this.#options.clock.monotonic() + waitMs;
    for (;;) {
      const woken = this.#wakeUp.signal;
      if (this.#stopping) throw new StoppedError();
      const left = until - this.#options.clock.monotonic();
      if (await this.#rest(woken)) continue;
      if (left <= 0) return;
      await this.#options.clock.sleep(left, woken);
    }
  }
}

/** One aggregate's step, before the epoch is known in which it is committed. */
type Step<Effect> = Omit<Advance<Effect>, 'epoch'>;

function inEpochs<T extends { readonly bucket: number }>(
  steps: readonly T[],
  epochs: ReadonlyMap<number, number>,
): readonly (T & { readonly epoch: number })[] {
  const own: (T & { readonly epoch: number })[] = [];
  for (const step of steps) {
    const epoch = epochs.get(step.bucket);
    if (epoch !== undefined) own.push({ ...step, epoch });
  }
  return own;
}

/** Ends the loop in the middle of an outage; never leaves the worker. */
class StoppedError extends Error {}
