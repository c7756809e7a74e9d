import { openWriter, type WriterParts } from '@chronicle/engine';
import {
  HandleOrderCommand,
  orderCommandExecutor,
  orderEventCodec,
  orderLoader,
  ReadOrderEvents,
  ReadOrderState,
} from '@chronicle/orders-application';
import { OrderCommandsModule } from '@chronicle/orders-http';
import { setting, type ProbeResult, type ServiceDefinition } from '@chronicle/service-host';
import { commandMetrics, measureWriting } from './command-metrics.js';

const settings = {
  snapshotEvery: setting.integer('SNAPSHOT_EVERY', {
    default: 100,
    min: 1,
    max: 10_000,
    about: 'events of an order between two snapshots of it',
  }),
  appendAttemptsMax: setting.integer('APPEND_ATTEMPTS_MAX', {
    default: 10,
    min: 1,
    max: 100,
    about: 'how often a command is decided anew when its order changed meanwhile, before it is answered 409',
  }),
  cachedOrdersMax: setting.integer('CACHED_ORDERS_MAX', {
    default: 2_000,
    min: 0,
    max: 100_000,
    about: 'orders whose newest state is kept in memory; 0 keeps none',
  }),
  commandsPerOrderMax: setting.integer('COMMANDS_PER_ORDER_MAX', {
    default: 1_000,
    min: 1,
    max: 100_000,
    about: 'commands of one order that may run or wait here; one more is answered 503',
  }),
};

/** HTTP in, decide, append: the one writer of the event store. */
export const commandService: ServiceDefinition<typeof settings> = {
  name: 'command-service',
  defaultPort: 3000,
  settings,
  async compose({ config, clock, entropy, log, metrics, readiness, drain }) {
    const onBackgroundFailure = (error: unknown) =>
      log.warn({ err: error }, 'a part of an append, or a repair, failed and is tried again');
    const { store, snapshots, writing, close } = await openWriter(config, { clock, entropy, onBackgroundFailure });
    readiness.add('event-store', async () => ({ up: (await store.epoch()) > 0 }));
    readiness.add('appends', () => appendsTaken(writing()));
    measureWriting(metrics, writing);
    const { snapshotEvery, appendAttemptsMax, cachedOrdersMax, commandsPerOrderMax } = config;
    const { onHandled, countSnapshotFailure } = commandMetrics(metrics);
    const onSnapshotFailure = (error: unknown) => {
      countSnapshotFailure();
      log.warn({ err: error }, 'a snapshot could not be written or used');
    };
    const executor = orderCommandExecutor({
      ...{ store, snapshots, clock, entropy, onSnapshotFailure },
      settings: {
        ...{ snapshotEvery, appendAttemptsMax },
        cachedAggregatesMax: cachedOrdersMax,
        commandsPerAggregateMax: commandsPerOrderMax,
      },
    });
    drain.step('commands', () => executor.drain());
    drain.step('stores', close);
    const loader = orderLoader({ store, snapshots, snapshotEvery, onSnapshotFailure });
    return OrderCommandsModule.over({
      commands: new HandleOrderCommand(executor, { clock, entropy, onHandled }),
      state: new ReadOrderState(loader),
      events: new ReadOrderEvents(store, orderEventCodec),
    });
  },
};

/** Appends are refused while too many that were acknowledged wait for the change log. */
function appendsTaken(writing: ReturnType<WriterParts['writing']>): ProbeResult {
  if (!writing || writing.pendingAppends < writing.pendingAppendsMax) return { up: true };
  return { up: false, detail: `${writing.pendingAppends} appends wait for the change log; no more are taken` };
}
