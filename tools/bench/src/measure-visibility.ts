import { join } from 'node:path';
import { APPS } from '@chronicle/tool-system';
import { ConnectionPool, openLoop } from './http-load.js';
import { atMost, type Bench, type Findings, type Measurement, type ResultRow, type Verdict } from './measurement.js';
import { creations, getRequest } from './order-requests.js';
import { RunningSystem, withSystem } from './running-system.js';
import type { Scale } from './scale.js';
import { latencyColumns, percentile } from './statistics.js';

/** So many orders a second are looked for in the read model: enough to see p99, few enough not to be the load themselves. */
const LOOKS_PER_SECOND = 50;
/** An order that is not there after this time was lost. */
const VISIBLE_MS_MAX = 60_000;

/** What is wanted: on a cluster a commit is several round trips, and each of them waits for its disk. */
const ON_EMBEDDED = {
  rates: (scale: Scale) => scale.arrivalsPerSecond,
  warmUpSeconds: ({ arrivalSeconds }: Scale) => Math.min(2, arrivalSeconds),
  p50Ms: 50,
  p99Ms: 250,
};
const ON_CLUSTER = {
  rates: (scale: Scale) => scale.clusterArrivalsPerSecond,
  warmUpSeconds: ({ clusterWarmUpSeconds }: Scale) => clusterWarmUpSeconds,
  p50Ms: 100,
  p99Ms: 500,
};
type Wanted = typeof ON_EMBEDDED;
const ROUNDS = 2;

/** What was seen at one rate of arrivals. */
class Arrivals {
  readonly commandMs: number[] = [];
  readonly visibleMs: number[] = [];
  repeats = 0;
  /** Commands that were not accepted: on a cluster with too much to do, 503 with an unknown outcome. */
  refused = 0;
  constructor(readonly perSecond: number) {}

  row(): ResultRow {
    return {
      'commands/s': this.perSecond,
      'orders looked for': this.visibleMs.length,
      ...latencyColumns(this.visibleMs),
      'answered 409 first': this.repeats,
      'commands refused': this.refused,
      'p99 ms of the command': percentile(this.commandMs, 0.99),
    };
  }

  verdicts({ p50Ms, p99Ms }: Wanted): Verdict[] {
    return [
      atMost(`commit → readable, p50 ms, at ${this.perSecond} commands/s`, p50Ms, percentile(this.visibleMs, 0.5)),
      atMost(`commit → readable, p99 ms, at ${this.perSecond} commands/s`, p99Ms, percentile(this.visibleMs, 0.99)),
    ];
  }
}

class VisibilityBench {
  private readonly next = creations();
  private readonly commands: ConnectionPool;
  private readonly queries: ConnectionPool;

  constructor(system: RunningSystem) {
    this.commands = new ConnectionPool(system.port('command-service'));
    this.queries = new ConnectionPool(system.port('query-service'));
  }

  arrive(arrivals: Arrivals, seconds: number): Promise<void> {
    const lookEvery = Math.max(1, Math.round(arrivals.perSecond / LOOKS_PER_SECOND));
    return openLoop(arrivals.perSecond, seconds, async (index) => {
      const sentAt = performance.now();
      const { status, body } = await this.commands.exchange(this.next());
      if (status !== 201) {
        if (status !== 503) throw new Error(`a creation was answered ${status}: ${body.toString()}`);
        arrivals.refused += 1;
        return;
      }
      arrivals.commandMs.push(performance.now() - sentAt);
      if (index % lookEvery === 0) await this.look(arrivals, body);
    });
  }

  /** From the answer of the command to the first answer of query-service that has it, the request included. */
  private async look(arrivals: Arrivals, answer: Buffer): Promise<void> {
    const committedAt = performance.now();
    const { orderId, version } = JSON.parse(answer.toString()) as { orderId: string; version: number };
    const request = getRequest(`/v1/orders/${orderId}?minVersion=${version}`);
    for (;;) {
      const { status, body } = await this.queries.exchange(request);
      const sinceMs = performance.now() - committedAt;
      if (status === 200) return void arrivals.visibleMs.push(sinceMs);
      if (status !== 409) throw new Error(`GET of order ${orderId} was answered ${status}: ${body.toString()}`);
      if (sinceMs > VISIBLE_MS_MAX)
        throw new Error(`order ${orderId} was not readable after ${Math.round(sinceMs)} ms`);
      arrivals.repeats += 1;
    }
  }

  close(): void {
    this.commands.close();
    this.queries.close();
  }
}

async function run({ folder, scale, cluster, progress }: Bench): Promise<Findings> {
  const wanted = cluster ? ON_CLUSTER : ON_EMBEDDED;
  return withSystem(RunningSystem.start(join(folder, 'data'), APPS, {}, cluster), async (system) => {
    const bench = new VisibilityBench(system);
    const { arrivalSeconds } = scale;
    const all = wanted.rates(scale).map((perSecond) => new Arrivals(perSecond));
    progress(0, 'warming up');
    await bench.arrive(new Arrivals(all[0]!.perSecond), wanted.warmUpSeconds(scale));
    await system.whenCaughtUp();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, arrivals] of all.entries()) {
        progress(
          (round + index / all.length) / ROUNDS,
          `round ${round + 1} of ${ROUNDS}, ${arrivals.perSecond} commands/s`,
        );
        await bench.arrive(arrivals, arrivalSeconds / ROUNDS);
        await system.whenCaughtUp();
      }
    }
    bench.close();
    const title = 'from the answer of a creation to the first GET ?minVersion= of query-service that has it';
    return {
      tables: [{ title, rows: all.map((one) => one.row()) }],
      verdicts: all.flatMap((one) => one.verdicts(wanted)),
    };
  });
}

/** How long a reader waits for what was committed, at fixed rates of arrivals. */
export const visibility: Measurement = {
  name: 'visibility',
  about: 'commit → readable in query-service, at fixed rates of arrivals',
  engines: ['embedded', 'cassandra'],
  seconds: (scale, onCluster) => {
    const { rates, warmUpSeconds } = onCluster ? ON_CLUSTER : ON_EMBEDDED;
    return 10 + warmUpSeconds(scale) + rates(scale).length * (scale.arrivalSeconds + 1);
  },
  run,
};
