import type { CommandSurroundings } from '@chronicle/orders-application';
import { Counter, type Registry } from 'prom-client';

/** What command-service counts beside what every app does. */
export function commandMetrics(registry: Registry) {
  const commands = new Counter({
    name: 'order_commands_total',
    help: 'Order commands by type and what became of them; replayed: answered from memory as accepted before',
    labelNames: ['command', 'outcome'] as const,
    registers: [registry],
  });
  const snapshotFailures = new Counter({
    name: 'order_snapshot_failures_total',
    help: 'Snapshots that could not be written, read or used: costs time, loses nothing',
    registers: [registry],
  });
  const onHandled: CommandSurroundings['onHandled'] = (command, outcome) => commands.inc({ command, outcome });
  return { onHandled, countSnapshotFailure: () => snapshotFailures.inc() };
}
