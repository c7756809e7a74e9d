import type { BucketAssignment } from './bucket-assignment.js';
import { inEpochs } from './bucket-steps.js';
import type { Step } from './bucket-steps.js';
import { BucketLostError, type ParkedAggregate } from './consumer-store.js';
import type { ControlDesk } from './control-desk.js';
import type { ActionResult } from './group-coordination.js';
import { carryOut } from './parked-aggregate-order.js';
import type { ParkedAggregateOrder } from './parked-aggregate-order.js';
import type { PartHealthBoard } from './part-health-board.js';
import type { Sequencer } from './sequencer.js';
import type { ConsumerWorkerOptions } from './worker-options.js';

/** An order that could not be carried out is tried again after this time. */
const ORDER_RETRY_MS = 1000;
/** A list of parked aggregates that could not be read is asked for again after this time. */
const LIST_RETRY_MS = 5000;

/** What {@link ParkedOrders} needs. */
export interface ParkedOrdersOptions<Effect> extends Pick<
  ConsumerWorkerOptions<Effect>,
  'store' | 'history' | 'handler' | 'clock' | 'observer'
> {
  readonly bucketOf: (aggregateId: string) => number;
  readonly desk: ControlDesk;
  readonly assignment: BucketAssignment;
  readonly sequencer: Sequencer;
  readonly health: PartHealthBoard;
  readonly onBucketLost: (bucket: number) => void;
}

/** Carries out, between two batches, what people order for parked aggregates, and tries again those that an older build did not understand. */
export class ParkedOrders<Effect> {
  /** Taken buckets in which such aggregates may be parked, and those that were tried of them. */
  readonly #taken = new Set<number>();
  readonly #tried = new Set<string>();
  readonly #unknownToOlder: ParkedAggregateOrder[] = [];
  #notBefore = -Infinity;
  #listNotBefore = -Infinity;

  constructor(private readonly options: ParkedOrdersOptions<Effect>) {}

  /** Buckets were taken: this build may know the events that their last owners did not. */
  took(buckets: ReadonlySet<number>): void {
    for (const bucket of buckets) this.#taken.add(bucket);
  }

  /** Carries out what people ordered; and, while the group is not paused, what it owes itself. */
  async carryOut(isPaused: boolean): Promise<void> {
    const { clock, desk, assignment } = this.options;
    if (clock.monotonic() < this.#notBefore) return;
    for (const action of desk.waiting()) {
      const result = await this.#one(action);
      if (result === undefined) return;
      await desk.complete(action, result);
    }
    if (isPaused) return;
    await this.#findUnknownToOlder();
    while (this.#unknownToOlder.length > 0) {
      const order = this.#unknownToOlder.at(-1)!;
      if (assignment.has(order.bucket)) {
        if ((await this.#one(order)) === undefined) return;
        this.#tried.add(order.aggregateId);
      }
      this.#unknownToOlder.pop();
    }
  }

  /** A list at a time, until one is empty. A list that cannot be read holds up nothing: it is asked for again later. */
  async #findUnknownToOlder(): Promise<void> {
    const { store, bucketOf, assignment, clock, health } = this.options;
    if (this.#taken.size === 0 || this.#unknownToOlder.length > 0 || clock.monotonic() < this.#listNotBefore) return;
    const isWanted = ({ aggregateId, code }: ParkedAggregate) => {
      if (code !== 'unknown-event' || this.#tried.has(aggregateId)) return false;
      const bucket = bucketOf(aggregateId);
      return this.#taken.has(bucket) && assignment.has(bucket);
    };
    try {
      const listed = await store.parked(isWanted);
      for (const { aggregateId, sequenceNumber } of listed) {
        const bucket = bucketOf(aggregateId);
        this.#unknownToOlder.push({ kind: 'redrive', aggregateId, bucket, sequenceNumber, reason: null, userId: null });
      }
      if (listed.length > 0) return;
      this.#taken.clear();
      this.#tried.clear();
    } catch (error) {
      this.#listNotBefore = clock.monotonic() + LIST_RETRY_MS;
      health.down('consumer-store', error);
    }
  }

  /** The order's result; undefined when it cannot be carried out now, and stands. */
  async #one(order: ParkedAggregateOrder): Promise<ActionResult | undefined> {
    const { history, handler, clock, observer = {}, sequencer, health, onBucketLost } = this.options;
    const position = (aggregateId: string) => sequencer.position(aggregateId);
    const commit = (step: Step<Effect>) => this.#commit(step);
    try {
      const result = await carryOut(order, { history, handler, clock, observer, position, commit });
      health.up('handler');
      return result;
    } catch (error) {
      this.#notBefore = clock.monotonic() + ORDER_RETRY_MS;
      if (error instanceof BucketLostError) onBucketLost(error.bucket);
      else health.down('handler', error);
      return undefined;
    }
  }

  async #commit(step: Step<Effect>): Promise<void> {
    const { assignment, store, sequencer } = this.options;
    const own = inEpochs([step], assignment.writable());
    if (own.length === 0) throw new BucketLostError(step.bucket, 0);
    await store.commit(own, []);
    sequencer.moved(step.aggregateId, step.position);
  }
}
