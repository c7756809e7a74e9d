import {
  AggregateLoader,
  CommandExecutor,
  COMMAND_EXECUTOR_DEFAULTS,
  createEventCodec,
  type Aggregate,
  type CommandExecutorOptions,
  type EventContracts,
  type EventStore,
  type SnapshotStore,
} from '@chronicle/event-sourcing-core';
import { orderEventContracts, type OrderEvent } from '@chronicle/orders-contracts';
import { orderAggregate, type OrderCommand, type OrderRefusal, type OrderState } from '@chronicle/orders-domain';

// Here, and only here, the order meets the runtime of event sourcing: the domain fits by shape and knows nothing of it.

const aggregate = orderAggregate satisfies Aggregate<OrderState, OrderCommand, OrderEvent, OrderRefusal>;

/** Between the events of orders and their stored form, of every version ever released. */
export const orderEventCodec = createEventCodec<OrderEvent>(orderEventContracts satisfies EventContracts);

export type OrderCommandExecutor = CommandExecutor<OrderState, OrderCommand, OrderEvent, OrderRefusal>;
export type OrderLoader = AggregateLoader<OrderState, OrderEvent>;

/** Carries out commands of orders; see `CommandExecutor` for what it promises. */
export function orderCommandExecutor(
  options: Omit<CommandExecutorOptions<OrderState, OrderCommand, OrderEvent, OrderRefusal>, 'aggregate' | 'codec'>,
): OrderCommandExecutor {
  return new CommandExecutor({ ...options, aggregate, codec: orderEventCodec });
}

/** Rebuilds orders from their events. `snapshotEvery` as in the executor that writes the snapshots. */
export function orderLoader(options: {
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  readonly snapshotEvery?: number;
  readonly onSnapshotFailure?: (error: unknown) => void;
}): OrderLoader {
  const { snapshotEvery = COMMAND_EXECUTOR_DEFAULTS.snapshotEvery } = options;
  return new AggregateLoader({ ...options, snapshotEvery, aggregate, codec: orderEventCodec });
}
