import { openProjectionWorker } from '@chronicle/engine';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import type { OrderState } from '@chronicle/orders-domain';
import { ordersByCustomer } from '@chronicle/orders-read-models';
import type { Projection, RowChange } from '@chronicle/projection-core';
import type { ConsumerService } from '@chronicle/worker-host';

const projection = ordersByCustomer satisfies Projection<OrderState, OrderEvent>;

/** Fills `orders_by_customer`: the orders of a customer, newest first. */
export const service: ConsumerService<Record<never, never>, RowChange> = {
  name: projection.group,
  defaultPort: 3012,
  open: ({ config, ...host }) => openProjectionWorker(config, projection, orderEventCodec, host),
};
