import { setTimeout as wait } from 'node:timers/promises';
import { CassandraLog, DriverCqlPort, type CqlPort } from '@chronicle/cql';
import { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import type cassandra from 'cassandra-driver';
import { EVENT_BYTES, LIFE_APPENDS, liveThrough, whenPublished } from './aggregate-life.js';
import { BareAppends, bareClient, type BareParts } from './bare-appends.js';
import { processUsage } from './machine.js';
import { atLeast, type Bench, type Findings, type Measurement, type ResultRow, type Verdict } from './measurement.js';
import { RecordingPort, recordLives, type RecordedLife } from './recorded-lives.js';
import { median } from './statistics.js';

/** What the bare loop sends again: enough for every stream of the change log to have some. */
const RECORDED_LIVES = 64;
/** The store deletes its intents by the second: those of one slice should not be deleted in the next. */
const PAUSE_MS = 1_200;

const BARE: Readonly<Record<string, BareParts>> = {
  'bare loop': { intents: true, log: true },
  'bare, without the change log': { intents: true, log: false },
  'bare, the conditional batch alone': { intents: false, log: false },
};
const STORE = 'event store';
const VARIANTS = [STORE, ...Object.keys(BARE)];
const [ALL, WITHOUT_LOG, ALONE] = Object.keys(BARE) as [string, string, string];

/** Carries out lives, each LIFE_APPENDS appends. */
interface Lives {
  live(): Promise<unknown>;
  /** Resolves when every row of the change log is acknowledged. */
  published(): Promise<void>;
  close(): Promise<void>;
}

interface Slice {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly serverCpuMs: number | null;
}

class AppendBench {
  private constructor(
    private readonly bench: Bench,
    private readonly port: CqlPort,
    private readonly store: CqlEventStore,
    private readonly client: cassandra.Client,
    private readonly recorded: readonly RecordedLife[],
    private readonly slices = new Map<string, Slice[]>(),
  ) {}

  static async open(bench: Bench): Promise<AppendBench> {
    const { contactPoints, datacenter, keyspace } = bench.cluster!;
    const port = await DriverCqlPort.open({ contactPoints, localDataCenter: datacenter, keyspace });
    const recording = new RecordingPort(port);
    const recorder = await openStore(recording, keyspace);
    const recorded = await recordLives(recorder, recording, RECORDED_LIVES);
    await recorder.close();
    const client = await bareClient(contactPoints, datacenter, keyspace);
    return new AppendBench(bench, port, await openStore(port, keyspace), client, recorded);
  }

  /** Every variant in turn, in one order and then in the other, so that none is always first after another. */
  async run(): Promise<void> {
    const { rounds, appendsInFlight, appendSeconds } = this.bench.scale;
    await this.warmUp();
    for (const [index, inFlight] of appendsInFlight.entries()) {
      for (let round = 0; round < rounds; round += 1) {
        const order = round % 2 === 0 ? VARIANTS : VARIANTS.toReversed();
        for (const [at, variant] of order.entries()) {
          const share = (index + (round + at / order.length) / rounds) / appendsInFlight.length;
          this.bench.progress(share, `round ${round + 1} of ${rounds}, ${inFlight} in flight, ${variant}`);
          this.of(variant, inFlight).push(await this.slice(variant, inFlight, appendSeconds));
          await wait(PAUSE_MS);
        }
      }
    }
  }

  private async warmUp(): Promise<void> {
    const { appendsInFlight, appendSeconds, clusterWarmUpSeconds } = this.bench.scale;
    this.bench.progress(0, 'warming up');
    for (let left = clusterWarmUpSeconds; left > 0; left -= VARIANTS.length * appendSeconds) {
      for (const variant of VARIANTS) await this.slice(variant, Math.max(...appendsInFlight), appendSeconds);
    }
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.client.shutdown();
    await this.port.close();
  }

  /** Lives until the time is over, so many at once; the clock stops when every row of the change log is acknowledged. */
  private async slice(variant: string, inFlight: number, seconds: number): Promise<Slice> {
    const lives = this.lives(variant);
    const [cpuBefore, serverBefore, begunAt] = [process.cpuUsage(), this.serverCpuMs(), performance.now()];
    let lived = 0;
    const liveOn = async () => {
      while (performance.now() - begunAt < seconds * 1_000) {
        await lives.live();
        lived += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, liveOn));
    await lives.published();
    const [ms, cpu, serverCpuMs] = [performance.now() - begunAt, process.cpuUsage(cpuBefore), this.serverCpuMs()];
    await lives.close();
    const appends = lived * LIFE_APPENDS;
    return {
      perSecond: appends / (ms / 1_000),
      cpuMs: (cpu.user + cpu.system) / 1_000 / appends,
      serverCpuMs: serverCpuMs === null ? null : (serverCpuMs - serverBefore!) / appends,
    };
  }

  private lives(variant: string): Lives {
    const parts = BARE[variant];
    if (parts) return new BareAppends(this.client, this.recorded, parts);
    const { store } = this;
    return { live: () => liveThrough(store), published: () => whenPublished(store), close: () => Promise.resolve() };
  }

  private serverCpuMs(): number | null {
    const { serverPid } = this.bench.cluster!;
    return serverPid === undefined ? null : processUsage(serverPid).cpuMs;
  }

  private of(variant: string, inFlight: number): Slice[] {
    const key = `${variant}, ${inFlight}`;
    if (!this.slices.has(key)) this.slices.set(key, []);
    return this.slices.get(key)!;
  }

  findings(): Findings {
    const { appendsInFlight } = this.bench.scale;
    return {
      tables: [
        {
          title: `appends of one event of ${EVENT_BYTES} bytes, until every row of the change log is acknowledged`,
          rows: appendsInFlight.flatMap((inFlight) => VARIANTS.map((variant) => this.row(variant, inFlight))),
        },
        {
          title: 'where the time of an append goes, by what it takes away from the variant that does without',
          rows: appendsInFlight.flatMap((inFlight) => this.wholeRows(inFlight)),
        },
      ],
      verdicts: appendsInFlight.map((inFlight) => this.verdict(inFlight)),
    };
  }

  private row(variant: string, inFlight: number): ResultRow {
    const slices = this.of(variant, inFlight);
    const perSecond = slices.map((slice) => slice.perSecond);
    const serverCpuMs = slices.flatMap((slice) => slice.serverCpuMs ?? []);
    return {
      '': variant,
      'in flight': inFlight,
      'appends/s': median(perSecond),
      lowest: Math.min(...perSecond),
      highest: Math.max(...perSecond),
      'of the bare loop': this.ratio(variant, ALL, inFlight),
      'of the conditional batch alone': this.ratio(variant, ALONE, inFlight),
      'CPU-ms here': median(slices.map((slice) => slice.cpuMs)),
      'CPU-ms of the server': serverCpuMs.length > 0 ? median(serverCpuMs) : null,
    };
  }

  /** The median of the ratios within each round: what else the machine does changes from round to round. */
  private ratio(variant: string, to: string, inFlight: number): number {
    const other = this.of(to, inFlight);
    return median(this.of(variant, inFlight).map(({ perSecond }, round) => perSecond / other[round]!.perSecond));
  }

  private wholeRows(inFlight: number): ResultRow[] {
    const msOf = (variant: string) => 1_000 / median(this.of(variant, inFlight).map((slice) => slice.perSecond));
    const [whole, bare, withoutLog, alone] = [STORE, ALL, WITHOUT_LOG, ALONE].map(msOf) as [
      number,
      number,
      number,
      number,
    ];
    const parts = {
      'conditional batch': alone,
      intents: withoutLog - alone,
      'change log': bare - withoutLog,
      'our code': whole - bare,
    };
    return Object.entries(parts).map(([part, ms]) => ({
      part,
      'in flight': inFlight,
      'ms of the throughput': ms,
      share: ms / whole,
    }));
  }

  private verdict(inFlight: number): Verdict {
    return atLeast(`append ÷ bare loop, in flight: ${inFlight}`, 0.8, this.ratio(STORE, ALL, inFlight));
  }
}

async function openStore(port: CqlPort, keyspace: string): Promise<CqlEventStore> {
  const outbox = await CassandraLog.open({ port, keyspace, clock, entropy });
  return CqlEventStore.open({ port, clock, entropy, outbox });
}

/** Appends through the event store on a cluster, against the same requests without our code. */
export const append: Measurement = {
  name: 'append',
  about: 'appends/s of the event store on CQL, against a bare loop of the same statements and bytes',
  engines: ['cassandra'],
  seconds: ({ rounds, appendsInFlight, appendSeconds, clusterWarmUpSeconds }) =>
    20 + clusterWarmUpSeconds + appendsInFlight.length * VARIANTS.length * rounds * (appendSeconds + 1),
  async run(bench: Bench) {
    const measured = await AppendBench.open(bench);
    try {
      await measured.run();
    } finally {
      await measured.close();
    }
    return measured.findings();
  },
};
