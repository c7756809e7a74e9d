import { openProjectionWorker } from '@chronicle/engine';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import type { OrderState } from '@chronicle/orders-domain';
import { ordersByStatus } from '@chronicle/orders-read-models';
import type { Projection, RowChange } from '@chronicle/projection-core';
import type { ConsumerService } from '@chronicle/worker-host';

const projection = ordersByStatus satisfies Projection<OrderState, OrderEvent>;

/** Fills `orders_by_status`: the orders in one status, newest first. */
export const service: ConsumerService<Record<never, never>, RowChange> = {
  name: projection.group,
  defaultPort: 3013,
  open: ({ config, ...host }) => openProjectionWorker(config, projection, orderEventCodec, host),
};
