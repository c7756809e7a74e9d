import { failpoint } from '@chronicle/seams';
import type { Clock } from '@chronicle/seams';
import { planBuckets } from './bucket-plan.js';
import { DeathWatch } from './death-watch.js';
import type { BucketRow, GroupCoordination, SeenInstance } from './group-coordination.js';
import { Heartbeat } from './heartbeat.js';
import type { WorkerObserver } from './worker-observer.js';
import type { WorkerSettings } from './worker-settings.js';

/** What a {@link BucketCoordinator} needs. */
export interface BucketCoordinatorOptions {
  readonly instanceId: string;
  readonly coordination: GroupCoordination;
  readonly clock: Clock;
  readonly settings: WorkerSettings;
  readonly observer: WorkerObserver;
  /** `held` or `leaving` has changed: the worker is to follow. */
  readonly onChange: () => void;
  /** Told of every turn and beat: the error that ended it, or undefined. */
  readonly onOutcome: (error: unknown | undefined) => void;
}

/**
 * Keeps this process alive in the eyes of the group and gets it its share of the buckets. It decides only from what it has
 * just read, and every step it takes is conditional on that still being so.
 */
export class BucketCoordinator {
  readonly #options: BucketCoordinatorOptions;
  readonly #watch: DeathWatch;
  readonly #held = new Map<number, number>();
  readonly #leaving = new Map<number, Drain>();
  readonly #freeSince = new Map<number, number>();
  readonly #stopped = new AbortController();
  readonly #heartbeat: Heartbeat;
  #loop: Promise<void> = Promise.resolve();
  #handovers = new Set<Promise<void>>();
  #live: ReadonlySet<string> = new Set();

  constructor(options: BucketCoordinatorOptions) {
    this.#options = options;
    this.#watch = new DeathWatch(options.settings.instanceTimeoutMs);
    this.#heartbeat = new Heartbeat(options);
  }

  /** The buckets that this instance owns, with their epochs; those it is asked to drain included. */
  get held(): ReadonlyMap<number, number> {
    return this.#held;
  }

  /** Is this bucket to be drained and handed over? Answer with {@link drained}. */
  isLeaving(bucket: number): boolean {
    return this.#leaving.has(bucket);
  }

  /** Everything of the bucket is committed and nothing more is fetched for it. */
  drained(bucket: number): void {
    this.#leaving.get(bucket)?.resolve();
  }

  /** Is the instance known to be dead? Not one that this coordinator has not seen yet. */
  isDead(instanceId: string): boolean {
    return this.#watch.isDead(instanceId, this.#options.clock.monotonic());
  }

  /** Beats, takes what is free, and goes on with both until {@link stop}. Resolves after the first turn, whatever came of it. */
  async start(): Promise<void> {
    await this.#heartbeat.start();
    await this.#coordinate();
    this.#loop = this.#coordinateLoop();
  }

  /**
   * May this instance still write? Not when it could not beat for so long that others may soon take it for dead: then it has
   * let go of all buckets by the time this returns, and takes them anew when it beats again.
   */
  mayWrite(): boolean {
    if (this.#heartbeat.isCurrent) return true;
    this.#letGoOfAll();
    return false;
  }

  /** Somebody else owns this bucket now: the store said so. */
  lost(bucket: number): void {
    this.#letGo(bucket, 'taken-by-other');
  }

  /** Tells the group that this instance acts on this revision of the control row. */
  acknowledge(controlRevision: number): void {
    this.#heartbeat.acknowledge(controlRevision);
  }

  /** Gives back every bucket and ends. The worker has committed what it had. Throws what the last writes throw. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const drain of this.#leaving.values()) drain.resolve();
    await Promise.all([this.#heartbeat.stop(), this.#loop, ...this.#handovers]);
    await failpoint('sigterm-before-release');
    const { coordination, instanceId } = this.#options;
    for (const [bucket, epoch] of [...this.#held]) {
      await coordination.release(bucket, epoch, instanceId, null);
      this.#held.delete(bucket);
    }
    await coordination.remove(instanceId);
  }

  async #coordinateLoop(): Promise<void> {
    const { clock, settings } = this.#options;
    while (!this.#stopped.signal.aborted) {
      await clock.sleep(settings.coordinateEveryMs, this.#stopped.signal);
      if (!this.#stopped.signal.aborted) await this.#coordinate();
    }
  }

  async #coordinate(): Promise<void> {
    const { coordination, onOutcome } = this.#options;
    try {
      const [instances, rows] = await Promise.all([coordination.instances(), coordination.buckets()]);
      this.#observe(instances, rows);
      if (!this.mayWrite()) return;
      await this.#act(rows);
      await this.#removeDead(instances, rows);
      onOutcome(undefined);
    } catch (error) {
      this.#watch.restart();
      onOutcome(error);
    }
  }

  #observe(instances: readonly SeenInstance[], rows: readonly BucketRow[]): void {
    const { clock, instanceId } = this.#options;
    const now = clock.monotonic();
    const owners = rows.flatMap((row) => (row.owner === null ? [] : [row.owner]));
    this.#watch.observe(instances, owners, now);
    const known = new Set([...instances.map((instance) => instance.instanceId), ...owners]);
    this.#live = new Set([...known].filter((id) => !this.#watch.isDead(id, now)).concat(instanceId));
    for (const row of rows) {
      if (row.owner !== null && this.#live.has(row.owner)) this.#freeSince.delete(row.bucket);
      else if (!this.#freeSince.has(row.bucket)) this.#freeSince.set(row.bucket, now);
      const epoch = this.#held.get(row.bucket);
      if (epoch !== undefined && (row.owner !== instanceId || row.epoch > epoch))
        this.#letGo(row.bucket, 'taken-by-other');
    }
  }

  async #act(rows: readonly BucketRow[]): Promise<void> {
    const { coordination, clock, settings, instanceId } = this.#options;
    const now = clock.monotonic();
    const abandoned = new Set(
      [...this.#freeSince].filter(([, since]) => now - since >= settings.freeGraceMs).map(([bucket]) => bucket),
    );
    const plan = planBuckets({ rows, instanceId, live: this.#live, abandoned });
    const given = rows.filter((row) => row.owner === instanceId && !this.#held.has(row.bucket));
    for (const row of [...given, ...plan.take]) if (this.mayWrite()) await this.#take(row);
    for (const row of plan.askFor) await coordination.askFor(row, instanceId);
    for (const row of rows) {
      if (row.handoffTo !== null && row.owner === instanceId && this.#live.has(row.handoffTo))
        this.#beginHandover(row, row.handoffTo);
    }
  }

  async #take(row: BucketRow): Promise<void> {
    const { coordination, instanceId, observer, onChange } = this.#options;
    const claim = await coordination.take(row, instanceId);
    if (claim.outcome !== 'claimed') return;
    await failpoint('bucket-after-take');
    this.#held.set(row.bucket, claim.epoch);
    this.#freeSince.delete(row.bucket);
    const from = row.owner === instanceId ? null : row.owner;
    observer.bucketTaken?.({ bucket: row.bucket, epoch: claim.epoch, from });
    onChange();
  }

  #beginHandover(row: BucketRow, heir: string): void {
    if (this.#leaving.has(row.bucket) || !this.#held.has(row.bucket)) return;
    const drain = new Drain();
    this.#leaving.set(row.bucket, drain);
    this.#options.onChange();
    const handover = this.#handOver(row.bucket, heir, drain).finally(() => this.#handovers.delete(handover));
    this.#handovers.add(handover);
  }

  /** Waits until the worker has drained the bucket, but not for long: what it has not committed by then is fenced off. */
  async #handOver(bucket: number, heir: string, drain: Drain): Promise<void> {
    const { coordination, clock, settings, instanceId, observer, onChange, onOutcome } = this.#options;
    const timer = new AbortController();
    await Promise.race([drain.promise, clock.sleep(settings.drainTimeoutMs, timer.signal)]);
    timer.abort();
    const epoch = this.#held.get(bucket);
    try {
      if (epoch === undefined || this.#stopped.signal.aborted) return;
      await failpoint('handoff-after-drain');
      await coordination.release(bucket, epoch, instanceId, heir);
      this.#held.delete(bucket);
      observer.bucketHandedOver?.({ bucket, to: heir });
    } catch (error) {
      onOutcome(error);
    } finally {
      this.#leaving.delete(bucket);
      onChange();
    }
  }

  /** The rows of the dead go once nothing is theirs any more. */
  async #removeDead(instances: readonly SeenInstance[], rows: readonly BucketRow[]): Promise<void> {
    const owners = new Set(rows.map((row) => row.owner));
    for (const { instanceId } of instances) {
      if (!this.#live.has(instanceId) && !owners.has(instanceId)) await this.#options.coordination.remove(instanceId);
    }
  }

  #letGoOfAll(): void {
    for (const bucket of [...this.#held.keys()]) this.#letGo(bucket, 'no-heartbeat');
  }

  #letGo(bucket: number, why: 'taken-by-other' | 'no-heartbeat'): void {
    if (!this.#held.delete(bucket)) return;
    this.#leaving.get(bucket)?.resolve();
    this.#options.observer.bucketLost?.({ bucket, why });
    this.#options.onChange();
  }
}

/** A wait for the worker to drain a bucket. */
class Drain {
  readonly promise: Promise<void>;
  resolve: () => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve));
  }
}
