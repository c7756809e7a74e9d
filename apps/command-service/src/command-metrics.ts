import type { WritingStatus } from '@chronicle/engine';
import type { CommandSurroundings } from '@chronicle/orders-application';
import { Counter, Gauge, type Registry } from 'prom-client';

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

/** Measures what is under way behind appends, on an engine where something is: `writing` tells. */
export function measureWriting(registry: Registry, writing: () => WritingStatus | undefined): void {
  if (!writing()) return;
  const gauge = (name: string, help: string, read: (status: WritingStatus) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(writing()!));
      },
    });
  gauge('store_appends_pending', 'Appends not yet both decided and in the change log', (now) => now.pendingAppends);
  gauge('store_appends_undecided', 'Appends whose outcome nobody has told yet', (now) => now.undecidedAppends);
  new Counter({
    name: 'store_repairs_total',
    help: 'Appends of dead writers: published into the change log, fenced off, or failed and tried again',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(writing()!.repairs)) this.inc({ outcome }, count);
    },
  });
}
