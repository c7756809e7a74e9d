import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { REPOSITORY_ROOT } from '@chronicle/tool-system';
import { parseBenchOptions, UsageError, type BenchOptions } from './bench-options.js';
import { loadNow, machineFacts } from './machine.js';
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
import { isFor, type Bench, type EngineName, type Measurement } from './measurement.js';
import { Progress, type ProgressStream } from './progress.js';
import { partText, type BenchReport, type MeasuredPart } from './report.js';

const MEASUREMENTS: readonly Measurement[] = [
  commands,
  visibility,
  longOrders,
  replay,
  memory,
  append,
  catchUp,
  idle,
  ordersByStatusPages,
];

/** On the disk of the repository and not in a temporary folder, which may be in memory, where nothing is durable. */
const BENCH_FOLDER = join(REPOSITORY_ROOT, '.bench');

const namesFor = (engine: EngineName) =>
  MEASUREMENTS.filter((one) => isFor(engine, one))
    .map(({ name }) => name)
    .join(', ');

const HELP = `Measures the order system on this machine: throughput, latency, lag, replay, memory; each target with met or missed.

  npm run bench -- [--only NAME[,NAME]] [--quick] [--minutes N] [--json FILE] [--engine ENGINE] [--contact-points HOSTS]

  --only NAME   on embedded: ${namesFor('embedded')}; on cassandra: ${namesFor('cassandra')} (default: all of them)
  --quick       a few slices of each: whether something became much better or worse
  --minutes N   how long the load of the memory measurement goes on (default 2, with --quick 0.25)
  --json FILE   where the numbers go (default: .bench/results/<time>.json in the repository)
  --engine ENGINE          embedded (default), or cassandra: one node of the bench's own, its data on the disk of the repository
  --contact-points HOSTS   host:port,... of a cluster that is there; a keyspace of the bench's own is made and dropped again
  --local-data-center DC   its datacentre (default datacenter1)
  --commitlog-sync HOW     of the bench's own node: periodic (default, as databases do), or group: a write is on disk when it is
                           acknowledged, as in tests that kill the server
  --help        this text

Numbers depend on what else the machine does: each measurement states its load before and after.
`;

/** Where a run writes: the tables, and what is only for whoever waits. */
export interface BenchStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}

/** Runs \`npm run bench\` to its end. Resolves with the exit code: 0 measured (whatever the numbers), 2 misunderstood. */
export async function runBench(args: readonly string[], callersFolder: string, streams: BenchStreams): Promise<number> {
  try {
    const options = parseBenchOptions(args, MEASUREMENTS);
    if (options.help) streams.stdout.write(HELP);
    else await measureAll(options, callersFolder, streams);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    streams.stderr.write(`npm run bench: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function measureAll(options: BenchOptions, callersFolder: string, streams: BenchStreams): Promise<void> {
  const { scale, only, engine, cluster } = options;
  const startedAt = new Date().toISOString();
  const chosen = MEASUREMENTS.filter(({ name }) => only.includes(name));
  const machine = machineFacts();
  streams.stdout.write(
    `node ${machine.node}, ${machine.cores} cores of ${machine.processor}, ${machine.memoryMiB} MiB, Linux ${machine.kernel}\n`,
  );
  const progress = new Progress(
    streams.stderr,
    new Map(chosen.map((one) => [one.name, one.seconds(scale, engine !== 'embedded')])),
  );
  const measurements: MeasuredPart[] = [];
  for (const measurement of chosen) {
    const part = await measure(measurement, { scale, cluster }, progress);
    measurements.push(part);
    progress.clear();
    streams.stdout.write(`${partText(part)}\n`);
  }
  const file = options.json === undefined ? newResultFile(startedAt) : resolve(callersFolder, options.json);
  const report: BenchReport = { startedAt, machine, engine, cluster, scale, measurements };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  streams.stdout.write(`\nwritten to ${file}\n`);
}

/** Runs one measurement in a folder of its own, which is deleted afterwards. */
export async function measure(
  measurement: Measurement,
  { scale, cluster: chosen }: Pick<BenchOptions, 'scale' | 'cluster'>,
  progress: Progress,
): Promise<MeasuredPart> {
  const { name, about } = measurement;
  mkdirSync(BENCH_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(BENCH_FOLDER, `${name}-`));
  try {
    progress.begin(name);
    const loadBefore = loadNow();
    const begunAt = performance.now();
    const run = (cluster: Bench['cluster']) =>
      measurement.run({ scale, folder, cluster, progress: (share, doing) => progress.at(share, doing) });
    const findings = await (chosen === undefined ? run(undefined) : withCluster(chosen, folder, run));
    const seconds = (performance.now() - begunAt) / 1000;
    return { name, about, seconds, loadBefore, loadAfter: loadNow(), ...findings };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function newResultFile(startedAt: string): string {
  return join(BENCH_FOLDER, 'results', `${startedAt.replaceAll(':', '-')}.json`);
}
