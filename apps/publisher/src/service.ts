import { openRelayWorker, type RelayDefinition } from '@chronicle/engine';
import { orderTopic } from '@chronicle/orders-contracts';
import type { ConsumerService } from '@chronicle/worker-host';

const relay: RelayDefinition = { group: 'external-publisher', ...orderTopic };

/** Publishes every event of every order to the topic `orders.events`. */
export const service: ConsumerService<Record<never, never>, never> = {
  name: 'publisher',
  group: relay.group,
  defaultPort: 3014,
  open: ({ config, ...host }) => openRelayWorker(config, relay, host),
};
