import { resolve } from 'node:path';
import { openEngine, type Engine } from '@chronicle/engine';
import { ListCustomerOrders, ListOrdersByStatus, PageCursors, ReadOrder } from '@chronicle/orders-application';
import { OrderQueriesModule } from '@chronicle/orders-http';
import { orderReadModel, ordersByCustomer, ordersByStatus, type OrderProjection } from '@chronicle/orders-read-models';
import type { ReadModelReader } from '@chronicle/projection-core';
import { setting, type AppConfig, type ConfigRule, type Host, type ServiceDefinition } from '@chronicle/service-host';
import { Gauge } from 'prom-client';
import { CURSOR_SECRET_LENGTH_MIN, cursorKeyOf, keptCursorKey } from './cursor-key.js';

const settings = {
  cursorSecret: setting.text('CURSOR_SECRET', {
    default: null,
    secret: true,
    about: `what cursors of lists are sealed with, the same for all replicas, at least ${CURSOR_SECRET_LENGTH_MIN} characters. Unset: a key kept in \`DATA_DIR\``,
  }),
};

type QueryConfig = AppConfig<typeof settings>;

const secretIsLong: ConfigRule<QueryConfig> = ({ cursorSecret }) =>
  cursorSecret === null || cursorSecret.length >= CURSOR_SECRET_LENGTH_MIN
    ? null
    : {
        name: 'CURSOR_SECRET',
        found: `a text of ${cursorSecret.length} characters`,
        expected: `at least ${CURSOR_SECRET_LENGTH_MIN}`,
      };

/** The read models of orders over HTTP. Writes nothing but, once, its key. */
export const queryService: ServiceDefinition<typeof settings> = {
  name: 'query-service',
  defaultPort: 3001,
  settings,
  rules: [secretIsLong],
  async compose(host) {
    const engine = await openEngine(host.config, host);
    host.drain.step('read-models', () => engine.close());
    const order = await open(orderReadModel, engine, host);
    const ofCustomer = await open(ordersByCustomer, engine, host);
    const byStatus = await open(ordersByStatus, engine, host);
    const cursors = new PageCursors(await cursorKey(host));
    const readOrder = new ReadOrder(order, host.clock);
    new Gauge({
      name: 'order_readers_waiting',
      help: 'Requests that wait for a version of an order now',
      registers: [host.metrics],
      collect() {
        this.set(readOrder.readersWaiting);
      },
    });
    return OrderQueriesModule.over({
      order: readOrder,
      ofCustomer: new ListCustomerOrders(ofCustomer, cursors),
      byStatus: new ListOrdersByStatus(byStatus, cursors),
    });
  },
};

/** A read model, asked for by readiness. */
async function open(projection: OrderProjection, engine: Engine, { readiness }: Host): Promise<ReadModelReader> {
  const { name } = projection.table;
  const reader = await engine.readModel(projection);
  const partition = emptyPartition(projection);
  readiness.add(name, async () => {
    try {
      await reader.page({ partition, limit: 1 });
      return { up: true };
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'store-unavailable') throw error;
      return {
        up: false,
        detail: `${name} cannot be read: the store is away, or ${projection.group} has not made it yet`,
      };
    }
  });
  return reader;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
const NOTHING = '-'; // a cluster takes no empty text for a partition key

/** The key of a partition that never has rows: reading it tells whether the table is there. */
function emptyPartition({ table }: OrderProjection) {
  return Object.fromEntries(
    table.partitionKey.map((column) => [column, table.columns[column] === 'uuid' ? NOBODY : NOTHING]),
  );
}

function cursorKey({ config, entropy }: Host<QueryConfig>): Uint8Array | Promise<Uint8Array> {
  const { cursorSecret } = config;
  return cursorSecret === null ? keptCursorKey(resolve(config.dataDir), entropy) : cursorKeyOf(cursorSecret);
}
