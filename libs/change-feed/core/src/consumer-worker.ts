import { BucketAssignment } from './bucket-assignment.js';
import { BucketCoordinator } from './bucket-coordinator.js';
import type { FeedReader } from './change-feed.js';
import type { ParkedAggregate } from './consumer-store.js';
import { ControlDesk } from './control-desk.js';
import type { ActionResult } from './group-coordination.js';
import { OutageRepeater } from './outage-repeater.js';
import { ParkedOrders } from './parked-orders.js';
import { PartHealthBoard } from './part-health-board.js';
import { PauseGate } from './pause-gate.js';
import { Sequencer } from './sequencer.js';
import { WakeUp } from './wake-up.js';
import { WorkLoop } from './work-loop.js';
import type { PartHealth, WorkerPart } from './worker-observer.js';
import type { ConsumerWorkerOptions } from './worker-options.js';
import { workerSettings } from './worker-settings.js';
import type { GroupStatus } from './worker-status.js';

/**
 * One process of a consumer group: takes its share of the buckets, hands their events to the handler, each aggregate's once
 * and in order, and commits what comes of it, then the next. What fails for one aggregate is tried again and then parked,
 * while all others flow; what fails for all (an outage) is repeated until it passes. Everything it knows is durable before
 * the next batch, so it may be killed at any point.
 */
export class ConsumerWorker<Effect = never> {
  readonly #options: ConsumerWorkerOptions<Effect>;
  readonly #health: PartHealthBoard;
  readonly #sequencer: Sequencer;
  readonly #coordinator: BucketCoordinator;
  readonly #desk: ControlDesk;
  readonly #reader: FeedReader;
  readonly #loop: WorkLoop<Effect>;
  readonly #wakeUp = new WakeUp();
  #stopping = false;
  #working: Promise<void> | undefined;

  constructor(options: ConsumerWorkerOptions<Effect>) {
    this.#options = options;
    const { clock, entropy, feed, store, history, observer = {} } = options;
    const settings = workerSettings(options.settings);
    const health = (this.#health = new PartHealthBoard(observer));
    const report = (part: WorkerPart) => (error: unknown) =>
      error === undefined ? health.up(part) : health.down(part, error);
    const shared = { ...options, settings, observer, health, wakeUp: this.#wakeUp, stopping: () => this.#stopping };
    const changes = { onChange: () => this.#wakeUp.ring(), onOutcome: report('coordination') };
    const bucketOf = (aggregateId: string) => feed.bucketOf(aggregateId);

    const coordinator = (this.#coordinator = new BucketCoordinator({ ...shared, ...changes }));
    const onBucketLost = (bucket: number) => coordinator.lost(bucket);
    const sequencer = (this.#sequencer = new Sequencer({
      ...shared,
      store,
      history,
      bucketOf,
      onHistory: report('event-store'),
    }));
    const reader = (this.#reader = feed.reader());
    const assignment = new BucketAssignment({ coordinator, reader, sequencer, store });
    const owns = (bucket: number) => assignment.has(bucket);
    const desk = (this.#desk = new ControlDesk({
      ...shared,
      ...changes,
      bucketOf,
      owns,
      isDead: (id: string) => coordinator.isDead(id),
    }));
    const acknowledge = (revision: number) => coordinator.acknowledge(revision);
    const gate = new PauseGate({ control: () => desk.control, acknowledge, clock, restMs: settings.controlEveryMs });
    const repeater = new OutageRepeater({ ...shared, entropy, gate, onBucketLost });
    const orders = new ParkedOrders({ ...shared, bucketOf, desk, assignment, sequencer, onBucketLost });
    this.#loop = new WorkLoop({ ...shared, reader, sequencer, assignment, orders, repeater, gate });
  }

  /** Joins the group and begins to work; resolves once the first look at the group is over, whatever came of it. */
  async start(): Promise<void> {
    await this.#desk.start();
    await this.#coordinator.start();
    this.#working = this.#loop.run();
  }

  /**
   * Stops fetching, finishes and commits the batch in hand (or leaves it, when it is stuck in an outage, to the next owner),
   * gives back the buckets and leaves the group. Throws when the last could not be done: others notice by its silence then.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.ring();
    await this.#working;
    await this.#desk.stop();
    await this.#reader.close();
    await this.#coordinator.stop();
  }

  /** The whole group's status, from any of its replicas. Throws `StoreUnavailableError`. */
  async status(): Promise<GroupStatus> {
    const { group, store, feed, coordination, clock } = this.#options;
    const [control, checkpoints, parked] = await Promise.all([
      coordination.control(),
      store.checkpoints(),
      store.parkedCount(),
    ]);
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
}
