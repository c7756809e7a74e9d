import { join } from 'node:path';
import { withEngine, type Engine, type EngineConfig } from '@chronicle/engine';
import {
  InMemorySnapshotStore,
  sealSnapshot,
  type EventStore,
  type SnapshotStore,
} from '@chronicle/event-sourcing-core';
import { orderLoader } from '@chronicle/orders-application';
import { orderAggregate } from '@chronicle/orders-domain';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { APPS } from '@chronicle/tool-system';
import { KeepAliveConnection } from './keep-alive-connection.js';
import { atMost, type Bench, type Findings, type Measurement, type ResultRow, type Verdict } from './measurement.js';
import { fillWithLongOrder } from './order-history.js';
import { newOrder, putRequest } from './order-requests.js';
import { RunningSystem, withSystem } from './running-system.js';
import { latencyColumns, median } from './statistics.js';

const SHORT_ORDER_EVENTS = 10;
/** Short orders take turns, so that none of them becomes long by being changed. */
const SHORT_ORDERS = 30;
/** Changes that are not counted: the first ones of a process are of code that is not compiled yet. */
const WARM_UP_PAIRS = 30;

interface Orders {
  readonly long: string;
  readonly short: readonly string[];
}

async function fill(engine: Engine, longEvents: number): Promise<Orders> {
  const store = await engine.eventStore('write');
  const short: string[] = [];
  for (let order = 0; order < SHORT_ORDERS; order += 1) short.push(await fillWithLongOrder(store, SHORT_ORDER_EVENTS));
  const long = await fillWithLongOrder(store, longEvents);
  return { long, short };
}

/** The events of an order become its state, with and without a snapshot of it. */
async function rehydrate(engine: Engine, { long }: Orders, { scale, progress }: Bench): Promise<ResultRow[]> {
  const store = await engine.eventStore('read');
  const none = new InMemorySnapshotStore();
  const own = await engine.snapshotStore();
  await saveSnapshot(store, own, long, scale.longOrderEvents);
  const withMs: number[] = [];
  const withoutMs: number[] = [];
  for (let run = 0; run < scale.rehydrations; run += 1) {
    progress(0.1 + (0.2 * run) / scale.rehydrations, 'rehydrating the long order');
    withoutMs.push(await timeLoad(store, none, long));
    withMs.push(await timeLoad(store, own, long));
  }
  const row = (snapshot: string, ms: readonly number[]) => ({
    snapshot,
    events: scale.longOrderEvents,
    ...latencyColumns(ms),
  });
  return [row('none', withoutMs), row('50 events old', withMs)];
}

/** Half an interval behind the head, as it is on average. */
async function saveSnapshot(
  store: EventStore,
  snapshots: SnapshotStore,
  orderId: string,
  events: number,
): Promise<void> {
  const version = events - 50;
  const { state } = (await orderLoader({ store, snapshots }).load(orderId, { version }))!;
  await snapshots.save(
    sealSnapshot({
      aggregateId: orderId,
      aggregateType: orderAggregate.aggregateType,
      sequenceNumber: version,
      snapshotVersion: orderAggregate.snapshotVersion,
      snapshotData: JSON.stringify(state),
      createdAt: state.updatedAt,
    }),
  );
}

async function timeLoad(store: EventStore, snapshots: SnapshotStore, orderId: string): Promise<number> {
  const begunAt = performance.now();
  if (!(await orderLoader({ store, snapshots }).load(orderId))) throw new Error(`order ${orderId} is not there`);
  return performance.now() - begunAt;
}

/** Changes of the long order and of short ones, in turn, over HTTP. */
async function change(dataDir: string, orders: Orders, cached: boolean, { scale, progress }: Bench) {
  const commandService = APPS.filter(({ name }) => name === 'command-service');
  const env: Record<string, string> = cached ? {} : { CACHED_ORDERS_MAX: '0' };
  return withSystem(RunningSystem.start(dataDir, commandService, env), async (system) => {
    const connection = await KeepAliveConnection.open(system.port('command-service'));
    const longMs: number[] = [];
    const shortMs: number[] = [];
    const firstMs = await timeChange(connection, orders.long);
    const pairs = WARM_UP_PAIRS + scale.longOrderPairs;
    for (let pair = 0; pair < pairs; pair += 1) {
      progress((cached ? 0.3 : 0.65) + (0.35 * pair) / pairs, 'changing long and short orders in turn');
      const short = await timeChange(connection, orders.short[pair % SHORT_ORDERS]!);
      const long = await timeChange(connection, orders.long);
      if (pair < WARM_UP_PAIRS) continue;
      shortMs.push(short);
      longMs.push(long);
    }
    connection.close();
    const state = cached ? 'in memory' : 'read anew each time';
    const row = (events: number, ms: readonly number[], first: number | null): ResultRow => ({
      'state of the order': state,
      events,
      ...latencyColumns(ms),
      'first command of the process, ms': first,
    });
    const rows = [row(SHORT_ORDER_EVENTS, shortMs, null), row(scale.longOrderEvents, longMs, firstMs)];
    const what = `latency of a command on ${scale.longOrderEvents.toLocaleString('en')} events ÷ on ${SHORT_ORDER_EVENTS}, state ${state}`;
    return { rows, verdict: atMost(what, 2, median(longMs) / median(shortMs)) };
  });
}

let changes = 0;

async function timeChange(connection: KeepAliveConnection, orderId: string): Promise<number> {
  changes += 1;
  const request = putRequest(`/v1/orders/${orderId}/items`, { items: newOrder(orderId, changes).items });
  const begunAt = performance.now();
  const { status, body } = await connection.exchange(request);
  const tookMs = performance.now() - begunAt;
  if (status !== 200) throw new Error(`a change of order ${orderId} was answered ${status}: ${body.toString()}`);
  return tookMs;
}

async function run(bench: Bench): Promise<Findings> {
  const dataDir = join(bench.folder, 'data');
  const config: EngineConfig = { engine: 'embedded', dataDir };
  bench.progress(0, `filling an order with ${bench.scale.longOrderEvents.toLocaleString('en')} events`);
  const orders = await withEngine(config, { clock, entropy }, (engine) => fill(engine, bench.scale.longOrderEvents));
  const rehydrated = await withEngine(config, { clock, entropy }, (engine) => rehydrate(engine, orders, bench));
  const rows: ResultRow[] = [];
  const verdicts: Verdict[] = [];
  for (const cached of [true, false]) {
    const changed = await change(dataDir, orders, cached, bench);
    rows.push(...changed.rows);
    verdicts.push(changed.verdict);
  }
  return {
    tables: [
      { title: 'rehydration of a long order', rows: rehydrated },
      { title: 'PUT /v1/orders/{id}/items, long and short orders in turn, connections: 1', rows },
    ],
    verdicts,
  };
}

/** What a long history costs, with and without a snapshot. */
export const longOrders: Measurement = {
  name: 'long-orders',
  about: 'rehydration of a long order, and commands on it against commands on short ones',
  seconds: ({ longOrderPairs, rehydrations }) => 12 + rehydrations * 0.2 + longOrderPairs * 0.01,
  run,
};
