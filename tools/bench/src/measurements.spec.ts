import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, WORKERS } from '@chronicle/tool-system';
import { withCluster } from './cluster.js';
import { append } from './measure-append.js';
import { commands } from './measure-commands.js';
import { catchUp } from './measure-catch-up.js';
import { idle } from './measure-idle.js';
import { longOrders } from './measure-long-orders.js';
import { memory } from './measure-memory.js';
import { ordersByStatusPages } from './measure-orders-by-status.js';
import { replay } from './measure-replay.js';
import { visibility } from './measure-visibility.js';
import type { Bench, Findings, Measurement } from './measurement.js';
import type { Scale } from './scale.js';

// That each measurement measures, over the real apps. What it finds is nobody's business here: the machine may be busy.

const TINY: Scale = {
  rounds: 1,
  sliceSeconds: 0.3,
  connections: [1, 4],
  arrivalsPerSecond: [20, 50],
  clusterArrivalsPerSecond: [5, 10],
  arrivalSeconds: 1,
  clusterWarmUpSeconds: 1,
  longOrderEvents: 300,
  longOrderPairs: 5,
  rehydrations: 2,
  replayOrders: 3000, // several commits of the worker
  memorySeconds: 3,
  appendsInFlight: [2, 8],
  appendSeconds: 0.3,
  idleSeconds: 2,
  catchUpOrders: 200,
  statusOrders: 2000,
  sparseStatusOrders: 500,
};

/** Six processes on a busy machine take their time to start. */
const PATIENCE_MS = 180_000;

/** The Cassandra whose address the run's set-up has put into the environment. */
const CASSANDRA = process.env.CHRONICLE_CASSANDRA?.split(',');

async function measured(
  measurement: Measurement,
  onCassandra: boolean,
): Promise<{ readonly findings: Findings; readonly shares: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const shares: number[] = [];
  const run = (cluster: Bench['cluster']) =>
    measurement.run({ scale: TINY, folder, cluster, progress: (share) => shares.push(share) });
  const datacenter = process.env.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1';
  try {
    const findings = await (onCassandra
      ? withCluster({ contactPoints: CASSANDRA!, datacenter }, folder, run)
      : run(undefined));
    return { findings, shares };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rows of the table whose title begins so. */
function rows({ tables }: Findings, title: string) {
  return tables.find((table) => table.title.startsWith(title))!.rows;
}

const ON_EMBEDDED = [commands, visibility, longOrders, replay, memory];
const ON_CASSANDRA = CASSANDRA ? [append, visibility, catchUp, idle, ordersByStatusPages] : [];

describe.each([
  ...ON_EMBEDDED.map((measurement) => ({ measurement, name: measurement.name, engine: 'embedded' })),
  ...ON_CASSANDRA.map((measurement) => ({ measurement, name: measurement.name, engine: 'cassandra' })),
])('$name on $engine', ({ measurement, engine }) => {
  let found: Awaited<ReturnType<typeof measured>>;
  beforeAll(async () => (found = await measured(measurement, engine === 'cassandra')), PATIENCE_MS);

  it('finds a number wherever it shows one', () => {
    for (const { rows } of found.findings.tables) {
      expect(rows.length).toBeGreaterThan(0);
      for (const value of rows.flatMap(Object.values)) expect(value).not.toBeNaN();
    }
    for (const { found: number } of found.findings.verdicts) expect(Number.isFinite(number)).toBe(true);
  });

  it('judges, and tells how far it is, ever further', () => {
    expect(found.findings.verdicts.length).toBeGreaterThan(0);
    expect(found.shares).toEqual(found.shares.toSorted((left, right) => left - right));
    for (const share of found.shares) expect(share).toBeLessThanOrEqual(1);
  });

  it(`shows what it is about`, () => {
    SHOWN[measurement.name]!(found.findings, engine);
  });
});

const SHOWN: Readonly<Record<string, (findings: Findings, engine: string) => void>> = {
  commands(findings) {
    const throughput = rows(findings, 'POST /v1/orders');
    expect(throughput.map((row) => [row[''], row['connections']])).toEqual(
      ['empty route', 'workers paused', 'everything running'].flatMap((variant) => [
        [variant, 1],
        [variant, 4],
      ]),
    );
    for (const row of throughput) {
      expect(row['commands/s']).toBeGreaterThan(0);
      expect(row['refused with']).toBeNull();
    }
    expect(rows(findings, 'the same rows').map((row) => row['batch'])).toEqual([1, 4]);
    const processes = rows(findings, 'CPU-ms').map((row) => row['process']);
    expect(processes).toEqual(
      expect.arrayContaining(['load generator', 'command-service', 'publisher', 'empty-route']),
    );
  },
  visibility(findings, engine) {
    const seen = rows(findings, 'from the answer');
    const rates = engine === 'cassandra' ? TINY.clusterArrivalsPerSecond : TINY.arrivalsPerSecond;
    expect(seen.map((row) => row['commands/s'])).toEqual(rates);
    for (const row of seen) expect(row['orders looked for']).toBeGreaterThan(0);
  },
  'long-orders'(findings) {
    expect(rows(findings, 'rehydration').map((row) => row['snapshot'])).toEqual(['none', '50 events old']);
    expect(rows(findings, 'PUT').map((row) => row['events'])).toEqual([10, 300, 10, 300]);
  },
  replay(findings) {
    expect(rows(findings, 'replay')).toMatchObject([{ events: 15_000 }]);
  },
  append(findings) {
    const measuredOf = rows(findings, 'appends of one event').map((row) => [row[''], row['in flight']]);
    const variants = ['event store', 'bare loop', 'bare, without the change log', 'bare, the conditional batch alone'];
    expect(measuredOf).toEqual([2, 8].flatMap((inFlight) => variants.map((variant) => [variant, inFlight])));
    const shares = rows(findings, 'where the time').map((row) => Number(row['share']));
    expect(shares.slice(0, 4).reduce((sum, share) => sum + share)).toBeCloseTo(1);
  },
  'orders-by-status'(findings) {
    const seen = rows(findings, 'the first page').map((row) => [
      row['scenario'],
      row['status'],
      row['limit'],
      row['rows'],
    ]);
    const pages = (scenario: string, delivered: number) =>
      [50, 1000].flatMap((limit) => [
        ...['CREATED', 'CONFIRMED', 'SHIPPED'].map((status) => [scenario, status, limit, Math.min(limit, 100)]),
        [scenario, 'DELIVERED', limit, Math.min(limit, delivered)],
      ]);
    expect(seen).toEqual([...pages('all within an hour', 1700), ...pages('one a minute', 200)]);
  },
  'catch-up'(findings) {
    expect(rows(findings, 'a worker')).toMatchObject([{ events: 1000 }]);
  },
  idle(findings) {
    expect(rows(findings, 'what each process').map((row) => row['process'])).toEqual(APPS.map(({ name }) => name));
    const asking = rows(findings, 'what each process').filter((row) => Number(row['queries/s']) > 0);
    expect(asking.map((row) => row['process'])).toEqual(expect.arrayContaining([...WORKERS]));
  },
  memory(findings) {
    expect(rows(findings, 'memory over')).toHaveLength(6);
  },
};
