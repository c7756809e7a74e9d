import type { ConsumerGroup } from '@chronicle/engine';
import { orderProjections } from '@chronicle/orders-read-models';
import { UsageError } from './command.js';
import { nearest } from './nearest.js';

/** The consumer group of the publisher. */
export const PUBLISHER_GROUP = 'external-publisher';

/** The topic that the publisher fills. */
export const TOPIC = 'orders.events';

/** Every consumer group of the system. */
export const GROUPS: readonly ConsumerGroup[] = [...orderProjections, { group: PUBLISHER_GROUP }];

/** Their names. */
export const GROUP_NAMES: readonly string[] = GROUPS.map(({ group }) => group);

/** A group by its name; the publisher's app name stands for its group. */
export function groupArgument(text: string): ConsumerGroup {
  const name = text === 'publisher' ? PUBLISHER_GROUP : text;
  const found = GROUPS.find(({ group }) => group === name);
  if (found) return found;
  const meant = nearest(text, GROUP_NAMES);
  throw new UsageError(
    `unknown consumer group ${JSON.stringify(text)}: did you mean ${meant}? (${GROUP_NAMES.join(', ')})`,
  );
}
