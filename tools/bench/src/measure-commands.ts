import { join } from 'node:path';
import { APPS } from '@chronicle/tool-system';
import { EMPTY_ROUTE } from './empty-route.js';
import { GroupCommitFloor } from './group-commit-floor.js';
import { closedLoop } from './http-load.js';
import {
  atLeast,
  atMost,
  type Bench,
  type Findings,
  type Measurement,
  type ResultRow,
  type Verdict,
} from './measurement.js';
import { creations } from './order-requests.js';
import { RunningSystem, withSystem } from './running-system.js';
import { latencyColumns, median } from './statistics.js';

/** What is compared, in turn: the same load each time. */
const VARIANTS = ['empty route', 'workers paused', 'everything running'] as const;
type Variant = (typeof VARIANTS)[number];

const WARM_UP_SECONDS = 2;
const GENERATOR = 'load generator';

/** What one variant did under one number of connections: a slice a round. */
class Series {
  readonly perSecond: number[] = [];
  readonly latenciesMs: number[] = [];
  readonly cpuMs = new Map<string, number>();
  readonly refused = new Set<string>();
  lagMax = 0;

  constructor(
    readonly variant: Variant,
    readonly connections: number,
  ) {}

  addCpu(usedMs: ReadonlyMap<string, number>): void {
    for (const [app, ms] of usedMs) this.cpuMs.set(app, (this.cpuMs.get(app) ?? 0) + ms);
  }
}

class CommandBench {
  private readonly series: readonly Series[];
  private readonly floors = new Map<number, number[]>();
  private readonly next = creations();

  constructor(
    private readonly system: RunningSystem,
    private readonly bench: Bench,
  ) {
    this.series = VARIANTS.flatMap((variant) =>
      bench.scale.connections.map((connections) => new Series(variant, connections)),
    );
  }

  async run(): Promise<void> {
    const { rounds, connections } = this.bench.scale;
    const warmUp = Math.min(WARM_UP_SECONDS, this.bench.scale.sliceSeconds);
    for (const app of ['command-service', EMPTY_ROUTE.name]) {
      await this.load(app, connections.at(-1)!, warmUp);
      await this.system.whenCaughtUp();
    }
    const floor = GroupCommitFloor.open(join(this.bench.folder, 'data/events.db'), this.bench.folder);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, clients] of connections.entries()) {
        const share = (round + index / connections.length) / rounds;
        this.bench.progress(share, `round ${round + 1} of ${rounds}, connections: ${clients}`);
        await this.turn(clients, round % 2 === 0 ? VARIANTS : [...VARIANTS].reverse());
        const perSecond = floor.run(clients, this.bench.scale.sliceSeconds / 2);
        this.floors.set(clients, [...(this.floors.get(clients) ?? []), perSecond]);
      }
    }
    floor.close();
  }

  /** Each variant once, in that order. Whatever was caused is carried out before the next begins. */
  private async turn(connections: number, variants: readonly Variant[]): Promise<void> {
    for (const variant of variants) {
      await this.system.setPaused(variant !== 'everything running');
      await this.slice(this.series.find((one) => one.variant === variant && one.connections === connections)!);
      await this.system.setPaused(false);
      await this.system.whenCaughtUp();
    }
  }

  private async slice(series: Series): Promise<void> {
    const app = series.variant === 'empty route' ? EMPTY_ROUTE.name : 'command-service';
    const before = this.cpuMs();
    const { latenciesMs, seconds, refused } = await this.load(app, series.connections, this.bench.scale.sliceSeconds);
    const after = this.cpuMs();
    if (series.variant === 'everything running') series.lagMax = Math.max(series.lagMax, ...(await this.system.lags()));
    series.perSecond.push(latenciesMs.length / seconds);
    for (const latency of latenciesMs) series.latenciesMs.push(latency);
    for (const status of Object.keys(refused)) series.refused.add(status);
    series.addCpu(new Map([...after].map(([name, ms]) => [name, ms - before.get(name)!])));
  }

  private load(app: string, connections: number, seconds: number) {
    return closedLoop({ port: this.system.port(app), connections, seconds, next: this.next, expectedStatus: 201 });
  }

  private cpuMs(): ReadonlyMap<string, number> {
    const { user, system } = process.cpuUsage();
    const used = new Map([[GENERATOR, (user + system) / 1000]]);
    for (const app of this.system.apps) used.set(app, this.system.usage(app).cpuMs);
    return used;
  }

  findings(): Findings {
    const { connections, rounds } = this.bench.scale;
    const most = connections.at(-1)!;
    return {
      tables: [
        {
          title: `POST /v1/orders, three items, median of ${rounds} rounds in turn`,
          rows: this.series.map((one) => this.throughputRow(one)),
        },
        {
          title: 'the same rows by bare SQLite, one transaction a batch',
          rows: connections.map((batch) => this.floorRow(batch)),
        },
        { title: `CPU-ms of each process for one command, connections: ${most}`, rows: this.cpuRows(most) },
        { title: 'memory of each process at its peak', rows: this.memoryRows() },
      ],
      verdicts: [
        ...this.throughputVerdicts('workers paused', { ratio: 0.6, perSecond: 3000 }),
        ...this.throughputVerdicts('everything running', { ratio: 0.3, perSecond: 1500 }),
        ...this.system.apps
          .filter((app) => app !== EMPTY_ROUTE.name)
          .map((app) => atMost(`memory of ${app} at its peak, MB`, 200, this.system.usage(app).peakRssMb)),
      ],
    };
  }

  private throughputRow(one: Series): ResultRow {
    return {
      '': one.variant,
      connections: one.connections,
      'commands/s': median(one.perSecond),
      lowest: Math.min(...one.perSecond),
      highest: Math.max(...one.perSecond),
      'of the empty route': this.ratio(one),
      ...latencyColumns(one.latenciesMs),
      'largest lag, events': one.variant === 'everything running' ? one.lagMax : null,
      'refused with': [...one.refused].join(' ') || null,
    };
  }

  private ratio({ variant, connections, perSecond }: Series): number | null {
    if (variant === 'empty route') return null;
    return median(perSecond) / median(this.of('empty route', connections).perSecond);
  }

  private of(variant: Variant, connections: number): Series {
    return this.series.find((one) => one.variant === variant && one.connections === connections)!;
  }

  private floorRow(batch: number): ResultRow {
    const perSecond = median(this.floors.get(batch)!);
    const paused = median(this.of('workers paused', batch).perSecond);
    return { batch, 'commands/s': perSecond, 'workers paused, of this': paused / perSecond };
  }

  private cpuRows(connections: number): ResultRow[] {
    return [GENERATOR, ...this.system.apps].map((name) => ({
      process: name,
      ...Object.fromEntries(
        VARIANTS.map((variant) => {
          const { cpuMs, latenciesMs } = this.of(variant, connections);
          return [variant, (cpuMs.get(name) ?? 0) / latenciesMs.length];
        }),
      ),
    }));
  }

  private memoryRows(): ResultRow[] {
    return this.system.apps.map((app) => {
      const { rssMb, peakRssMb } = this.system.usage(app);
      return { process: app, 'MB at the end': rssMb, 'MB at the peak': peakRssMb };
    });
  }

  private throughputVerdicts(
    variant: Variant,
    wanted: { readonly ratio: number; readonly perSecond: number },
  ): Verdict[] {
    const series = this.of(variant, this.bench.scale.connections.at(-1)!);
    const what = `with ${variant === 'workers paused' ? variant : 'everything running'}, connections: ${series.connections}`;
    return [
      atLeast(`commands ÷ empty route ${what}`, wanted.ratio, this.ratio(series)!),
      atLeast(`commands/s ${what} (aim)`, wanted.perSecond, median(series.perSecond)),
    ];
  }
}

/** Commands through HTTP against the same route with nothing behind it and against bare SQLite, in turn. */
export const commands: Measurement = {
  name: 'commands',
  about: 'durable commands/s through HTTP, latency and CPU time, against the floors',
  seconds: ({ rounds, sliceSeconds, connections }) => 10 + rounds * connections.length * (3.5 * sliceSeconds + 2),
  run: (bench: Bench) =>
    withSystem(RunningSystem.start(join(bench.folder, 'data'), [...APPS, EMPTY_ROUTE]), async (system) => {
      const measured = new CommandBench(system, bench);
      await measured.run();
      return measured.findings();
    }),
};
