import type { AggregateLoader } from '@chronicle/event-sourcing-core';
import type { OrderEvent } from '@chronicle/orders-contracts';
import { orderView, type OrderState, type OrderView } from '@chronicle/orders-domain';
import { mayReach, type OrderAccess } from './order-access.js';

export interface ReadOrderStateRequest {
  /** In lower case. */
  readonly orderId: string;
  readonly access: OrderAccess;
  /** The version wanted, or the time (RFC 3339 UTC text with milliseconds, inclusive), not both; neither: the newest. */
  readonly version?: number;
  readonly asOf?: string;
}

/** `not-found` also for a version that is not there (yet) and a time before the first event. */
export type ReadOrderStateResult =
  { readonly outcome: 'found'; readonly order: OrderView } | { readonly outcome: 'not-found' };

/**
 * An order from its events, now or at an earlier version or time; never older than a command answered before. An order out of
 * the caller's reach is answered as if it did not exist. Throws `StoreUnavailableError` when the events cannot be read.
 */
export class ReadOrderState {
  constructor(private readonly loader: Pick<AggregateLoader<OrderState, OrderEvent>, 'load'>) {}

  async execute({ orderId, access, version, asOf }: ReadOrderStateRequest): Promise<ReadOrderStateResult> {
    const loaded = await this.loader.load(orderId, { version, asOf });
    if (loaded === undefined || !mayReach(access, loaded.state.customerId)) return { outcome: 'not-found' };
    return { outcome: 'found', order: orderView(loaded.state) };
  }
}
