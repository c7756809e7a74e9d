import { openProjectionWorker } from '@chronicle/engine';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import type { OrderState } from '@chronicle/orders-domain';
import { orderReadModel } from '@chronicle/orders-read-models';
import type { Projection, RowChange } from '@chronicle/projection-core';
import type { ConsumerService } from '@chronicle/worker-host';

const projection = orderReadModel satisfies Projection<OrderState, OrderEvent>;

/** Fills `order_read_model`: one order by its id. */
export const service: ConsumerService<Record<never, never>, RowChange> = {
  name: projection.group,
  defaultPort: 3011,
  open: ({ config, ...host }) => openProjectionWorker(config, projection, orderEventCodec, host),
};
