import type { OrderView } from '@chronicle/orders-domain';
import { orderFromRow } from '@chronicle/orders-read-models';
import type { ReadModelReader } from '@chronicle/projection-core';
import type { Clock } from '@chronicle/seams';
import { mayReach, type OrderAccess } from './order-access.js';

/** The longest that a reader may wait for its own write, in ms. */
export const READ_WAIT_MS_MAX = 10_000;
/** How often a waiting reader looks again, in ms, at first and while few wait. */
export const READ_POLL_MS = 10;
/** Who has waited long looks less often: each pause is this share of the wait so far, by which at most the answer comes late. */
export const READ_PAUSE_SHARE = 1 / 4;
/**
 * Before the second look a reader waits half as long as those before it had to wait, but no longer than this, in ms: looks that come
 * too early are most of what a busy database is asked for.
 */
export const READ_FIRST_PAUSE_MS_MAX = 100;
/** The weight of the last reader's wait in the usual one. */
const LAST_WAIT_SHARE = 1 / 8;
/** The most looks per ms of all waiting readers together: beyond {@link READ_POLL_MS} times this many, each looks less often. */
export const READS_PER_MS_MAX = 10;
/** The most readers waiting at once; one more is answered at once, as after its wait. */
export const READERS_WAITING_MAX = 10_000;

export interface ReadOrderRequest {
  /** In lower case. */
  readonly orderId: string;
  readonly access: OrderAccess;
  /** The least version wanted, as a command returned it; 0: whatever is there. */
  readonly minVersion: number;
  /** How long to wait for that version, 0 to {@link READ_WAIT_MS_MAX}. */
  readonly waitMs: number;
}

/** `not-found` is answered only when no version was asked for: an order that is not here yet may be on its way. */
export type ReadOrderResult =
  | { readonly outcome: 'found'; readonly order: OrderView }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'not-yet-visible' };

/**
 * One order from its read model, waiting a bounded time for the projection to reach the version that a command returned. An
 * order out of the caller's reach is treated like one that is not there, waiting included, so that nobody can tell them apart.
 * Throws `StoreUnavailableError` when the read model cannot be read.
 */
export class ReadOrder {
  private waiting = 0;
  /** How long readers who did not find their version at once had to wait lately, in ms. */
  private usualWaitMs = 0;

  /** How many readers wait for a version now. */
  get readersWaiting(): number {
    return this.waiting;
  }

  /** @param reader of `order_read_model` */
  constructor(
    private readonly reader: ReadModelReader,
    private readonly clock: Clock,
  ) {}

  async execute(request: ReadOrderRequest): Promise<ReadOrderResult> {
    const { minVersion } = request;
    const order = await this.find(request);
    if (order !== undefined && order.version >= minVersion) return { outcome: 'found', order };
    if (minVersion === 0) return { outcome: 'not-found' };
    if (this.waiting >= READERS_WAITING_MAX) return { outcome: 'not-yet-visible' };
    this.waiting += 1;
    try {
      return await this.wait(request);
    } finally {
      this.waiting -= 1;
    }
  }

  private async wait(request: ReadOrderRequest): Promise<ReadOrderResult> {
    const begunAt = this.clock.monotonic();
    let leastMs = Math.max(READ_POLL_MS, Math.min(this.usualWaitMs / 2, READ_FIRST_PAUSE_MS_MAX));
    for (let waitedMs = 0; waitedMs < request.waitMs; waitedMs = this.clock.monotonic() - begunAt) {
      const pauseMs = Math.max(leastMs, waitedMs * READ_PAUSE_SHARE, this.waiting / READS_PER_MS_MAX);
      leastMs = READ_POLL_MS;
      await this.clock.sleep(Math.min(pauseMs, request.waitMs - waitedMs));
      const order = await this.find(request);
      if (order !== undefined && order.version >= request.minVersion) {
        this.usualWaitMs += (this.clock.monotonic() - begunAt - this.usualWaitMs) * LAST_WAIT_SHARE;
        return { outcome: 'found', order };
      }
    }
    return { outcome: 'not-yet-visible' };
  }

  private async find({ orderId, access }: ReadOrderRequest): Promise<OrderView | undefined> {
    const row = await this.reader.find({ order_id: orderId });
    const order = row && orderFromRow(row);
    return order && mayReach(access, order.customerId) ? order : undefined;
  }
}
