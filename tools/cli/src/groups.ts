import type { ConsumerGroup, RelayDefinition } from '@chronicle/engine';
import { orderTopic } from '@chronicle/orders-contracts';
import { orderProjections } from '@chronicle/orders-read-models';
import { UsageError } from './command.js';
import { nearest } from './nearest.js';

/** What the publisher publishes, and as which group. */
export const ORDER_RELAY: RelayDefinition = { group: 'external-publisher', ...orderTopic };

/** Every consumer group of the system. */
export const GROUPS: readonly ConsumerGroup[] = [...orderProjections, ORDER_RELAY];

/** Their names. */
export const GROUP_NAMES: readonly string[] = GROUPS.map(({ group }) => group);

/** A group by its name; the publisher's app name stands for its group. */
export function groupArgument(text: string): ConsumerGroup {
  const name = text === 'publisher' ? ORDER_RELAY.group : text;
  const found = GROUPS.find(({ group }) => group === name);
  if (found) return found;
  const meant = nearest(text, GROUP_NAMES);
  throw new UsageError(
    `unknown consumer group ${JSON.stringify(text)}: did you mean ${meant}? (${GROUP_NAMES.join(', ')})`,
  );
}
