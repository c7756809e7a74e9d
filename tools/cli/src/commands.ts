import type { Command } from './command.js';
import { auditCommand } from './commands/audit.js';
import { eventsCommand } from './commands/events.js';
import { groupsCommand } from './commands/groups.js';
import { migrateCommand } from './commands/migrate.js';
import { orderCommand } from './commands/order.js';
import { parkedListCommand } from './commands/parked-list.js';
import { parkedRedriveCommand } from './commands/parked-redrive.js';
import { parkedSkipCommand } from './commands/parked-skip.js';
import { snapshotsPruneCommand } from './commands/snapshots-prune.js';
import { topicTailCommand } from './commands/topic-tail.js';
import { verifyCommand } from './commands/verify.js';

/** Every command, in the order in which the help lists them. */
export const commands: readonly Command[] = [
  eventsCommand,
  orderCommand,
  topicTailCommand,
  migrateCommand,
  verifyCommand,
  auditCommand,
  snapshotsPruneCommand,
  groupsCommand,
  parkedListCommand,
  parkedRedriveCommand,
  parkedSkipCommand,
];
