import type { Advance } from '@chronicle/change-feed-core';
import { CqlUnknownOutcomeError, DriverCqlPort, type CqlPort } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { ordersByStatus } from '@chronicle/orders-read-models';
import type { ProjectionDefinition, Row, RowChange } from '@chronicle/projection-core';
import { CqlReadModelReader, migrateReadModel, openRowWriter } from '@chronicle/projection-cql';
import { systemClock as clock, systemEntropy as entropy, timestampText } from '@chronicle/seams';
import type { Cluster } from './cluster.js';
import { atMost, type Bench, type Findings, type Measurement, type ResultRow } from './measurement.js';
import { newOrder } from './order-requests.js';
import { latencyColumns, percentile } from './statistics.js';

/** The life of an order. In each status but the last, so many of the oldest stay behind: the worst order for a reader. */
const LIFE = ['CREATED', 'CONFIRMED', 'SHIPPED', 'DELIVERED'];
const STAYING_BEHIND = 100;
const BEGINNING = Date.parse('2026-11-01T00:00:00.000Z');
/** Slots of a worker group's buckets. */
const SLOTS = 32;
/** Steps of a commit of a worker. */
const ADVANCES_AT_ONCE = 1000;
/** How often a commit is repeated that a busy server did not answer in time. */
const REPEATS_MAX = 50;
const REPEAT_AFTER_MS = 200;
const PAGE_LIMITS = [50, 1000];
const PAGES_READ = 100;
const P99_MS_MAX = 250;
const SLOW_REQUEST_TIMEOUT_MS = 60_000;

/** Orders, and the time from one's creation to the next one's. */
interface Scenario {
  readonly name: string;
  readonly orders: number;
  readonly everyMs: number;
}

/** One scenario in a table of its own. */
class StatusTable {
  private constructor(
    private readonly port: CqlPort,
    private readonly scenario: Scenario,
    private readonly definition: ProjectionDefinition,
    private readonly warnings: readonly string[],
  ) {}

  static async make(port: CqlPort, cluster: Cluster, scenario: Scenario, warnings: readonly string[]) {
    const name = `orders_${scenario.name.replaceAll(' ', '_')}`;
    const definition = { ...ordersByStatus, group: name, table: { ...ordersByStatus.table, name } };
    await migrateReadModel(port, definition, { keyspace: cluster.keyspace, clock, entropy });
    return new StatusTable(port, scenario, definition, warnings);
  }

  /** Leads every order through its life, as far as it comes, through the adapter's own writer. */
  async fill(progress: (share: number, doing: string) => void): Promise<readonly ResultRow[]> {
    const { orders, name } = this.scenario;
    const writer = await openRowWriter(this.port, this.definition);
    const rows: ResultRow[] = [];
    for (const [step, status] of LIFE.entries()) {
      const begunAt = performance.now();
      const first = step * STAYING_BEHIND;
      for (let order = first; order < orders; order += ADVANCES_AT_ONCE) {
        progress((step + order / orders) / LIFE.length, `${name}: orders become ${status}`);
        const advances = this.advances(order, Math.min(orders, order + ADVANCES_AT_ONCE), step);
        await untilWritten(() => writer.write(advances, async () => undefined));
      }
      const seconds = (performance.now() - begunAt) / 1000;
      rows.push({
        scenario: name,
        'orders become': status,
        orders: orders - first,
        'orders/s': (orders - first) / seconds,
      });
    }
    return rows;
  }

  /** The first page of every status, one after another. */
  async read(): Promise<readonly ResultRow[]> {
    const reader = new CqlReadModelReader({ port: this.port, definition: this.definition, clock });
    const found: ResultRow[] = [];
    for (const limit of PAGE_LIMITS) {
      for (const status of LIFE) {
        const warnedBefore = this.warnings.length;
        const latencies: number[] = [];
        let rows = 0;
        for (let page = 0; page < PAGES_READ; page += 1) {
          const begunAt = performance.now();
          rows = (await reader.page({ partition: { status }, limit })).length;
          latencies.push(performance.now() - begunAt);
        }
        const warnings = this.warnings.length - warnedBefore;
        found.push({ scenario: this.scenario.name, status, limit, rows, ...latencyColumns(latencies), warnings });
      }
    }
    return found;
  }

  private advances(from: number, to: number, step: number): Advance<RowChange>[] {
    return Array.from({ length: to - from }, (_, index) => {
      const order = from + index;
      const row = this.row(order, step);
      const before = this.row(order, step - 1);
      const key = { status: before['status']!, created_at: before['created_at']!, order_id: before['order_id']! };
      const effects: RowChange[] = [...(step > 0 ? [{ kind: 'delete', key } as const] : []), { kind: 'write', row }];
      const position = { sequence: step + 1, state: null, parked: null };
      return { aggregateId: orderId(order), bucket: slotOf(order), epoch: 1, position, effects };
    });
  }

  private row(order: number, step: number): Row {
    const { items, currency } = newOrder(orderId(order % 1000), order);
    return {
      order_id: orderId(order),
      customer_id: orderId(order % 1000),
      status: LIFE[Math.max(step, 0)]!,
      currency,
      items: JSON.stringify(items),
      total: items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
      tracking_number: null,
      carrier: null,
      signature: null,
      cancel_reason: null,
      created_at: timestampText(BEGINNING + Math.floor(order * this.scenario.everyMs)),
      updated_at: timestampText(BEGINNING + Math.floor(order * this.scenario.everyMs) + 1000 * step),
      version: step + 1,
    };
  }
}

async function untilWritten(write: () => Promise<void>): Promise<void> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await write();
    } catch (error) {
      const passes = error instanceof StoreUnavailableError || error instanceof CqlUnknownOutcomeError;
      if (!passes || repeats === REPEATS_MAX) throw error;
      await clock.sleep(REPEAT_AFTER_MS);
    }
  }
}

function orderId(order: number): string {
  return `019ac0de-0000-7000-8000-${String(order).padStart(12, '0')}`;
}

/** Spreads orders over slots as tokens do, without a pattern in time. */
function slotOf(order: number): number {
  return Math.floor(((Math.imul(order + 1, 2_654_435_761) >>> 0) / 2 ** 32) * SLOTS);
}

async function run({ scale, cluster, progress }: Bench): Promise<Findings> {
  const { contactPoints, datacenter, keyspace } = cluster!;
  const warnings: string[] = [];
  const port = await DriverCqlPort.open({
    contactPoints,
    localDataCenter: datacenter,
    keyspace,
    requestTimeoutMs: SLOW_REQUEST_TIMEOUT_MS,
    onWarning: (warning) => void (warning.includes('tombstone') && warnings.push(warning)),
  });
  try {
    const scenarios: readonly Scenario[] = [
      { name: 'all within an hour', orders: scale.statusOrders, everyMs: 3_600_000 / scale.statusOrders },
      { name: 'one a minute', orders: scale.sparseStatusOrders, everyMs: 60_000 },
    ];
    const total = scenarios.reduce((sum, { orders }) => sum + orders, 0);
    const filled: ResultRow[] = [];
    const pages: ResultRow[] = [];
    let done = 0;
    for (const scenario of scenarios) {
      const table = await StatusTable.make(port, cluster!, scenario, warnings);
      const share = scenario.orders / total;
      filled.push(...(await table.fill((part, doing) => progress(done + part * share, doing))));
      pages.push(...(await table.read()));
      done += share;
    }
    return findings(filled, pages, warnings);
  } finally {
    await port.close();
  }
}

function findings(filled: readonly ResultRow[], pages: readonly ResultRow[], warnings: readonly string[]): Findings {
  const p99s = pages.map((row) => row['p99 ms'] as number);
  return {
    tables: [
      {
        title: `lives of orders through the table's writer, ${STAYING_BEHIND} of the oldest stay behind each time`,
        rows: filled,
      },
      { title: `the first page of each status, ${PAGES_READ} times`, rows: pages },
    ],
    verdicts: [
      atMost('p99 of the first page of every status, ms', P99_MS_MAX, percentile(p99s, 1)),
      atMost('warnings of tombstones, filling and reading', 0, warnings.length),
    ],
  };
}

/** How a list that every order passes through is read after a million of them, on a cluster. */
export const ordersByStatusPages: Measurement = {
  name: 'orders-by-status',
  about: 'the first page of every status after many orders have gone through their life, on CQL',
  engines: ['cassandra'],
  seconds: ({ statusOrders, sparseStatusOrders }) => 30 + statusOrders / 1_500 + sparseStatusOrders / 100,
  run,
};
