import { REMEMBERED_COMMANDS_MAX } from '@chronicle/event-sourcing-core';
import { HttpClient, OrderClient } from '@chronicle/tool-system';
import { outcomeOf } from './client-journal.js';
import type { ClientJournal, SentCommand } from './client-journal.js';
import type { Dice } from './dice.js';
import type { KnownOrders } from './known-orders.js';
import { sendOnce } from './load.js';

/** How many commands that succeeded are repeated; those with an unknown outcome all are. */
const SUCCEEDED_MAX = 200;

/**
 * With nothing else under way, repeats commands that have a key: one that succeeded must get its answer again, and one with an
 * unknown outcome is settled. Leaves out what an order may have forgotten. Returns how many were repeated.
 */
export async function repeatAtRest(
  url: string,
  journal: ClientJournal,
  orders: KnownOrders,
  dice: Dice,
): Promise<number> {
  const keyed = journal.commands.filter((sent) => sent.key !== null && isRemembered(sent, orders));
  const unknown = keyed.filter((sent) => outcomeOf(sent) === 'unknown');
  const succeeded = keyed.filter((sent) => outcomeOf(sent) === 'ok');
  const share = SUCCEEDED_MAX / succeeded.length;
  const repeated = [...unknown, ...succeeded.filter(() => dice.chance(share))];
  const http = new HttpClient(url);
  const client = new OrderClient(http);
  for (const sent of repeated) await sendOnce(sent, client, { atRest: true });
  http.close();
  return repeated.length;
}

function isRemembered({ command, orderId, attempts }: SentCommand, orders: KnownOrders): boolean {
  if (command.command === 'create') return true;
  const version = attempts.find(({ outcome }) => outcome === 'ok')?.version ?? 0;
  return orders.newerThan(orderId!, version) < REMEMBERED_COMMANDS_MAX;
}
