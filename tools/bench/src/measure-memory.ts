import { join } from 'node:path';
import { systemClock } from '@chronicle/seams';
import { closedLoop } from './http-load.js';
import { KeepAliveConnection } from './keep-alive-connection.js';
import { atMost, type Bench, type Findings, type Measurement, type ResultRow } from './measurement.js';
import { creations, getRequest } from './order-requests.js';
import { RunningSystem, withSystem } from './running-system.js';
import { median, slope } from './statistics.js';

const CONNECTIONS = 32;
const SAMPLES_PER_SECOND = 2;
/** Lists that are read while orders come in, so that query-service works too. */
const READ_EVERY_MS = 20;
/** More growth than this, from the second quarter of the load to the last, is not flat: in MB. */
const GROWTH_MB_MAX = 10;

/** Memory of one app over time: pairs of seconds and MB. */
type Samples = Map<string, [number, number][]>;

async function sample(system: RunningSystem, seconds: number, progress: Bench['progress']): Promise<Samples> {
  const samples: Samples = new Map(system.apps.map((app) => [app, []]));
  const begunAt = performance.now();
  for (let passed = 0; passed < seconds;) {
    await systemClock.sleep(1000 / SAMPLES_PER_SECOND);
    passed = (performance.now() - begunAt) / 1000;
    for (const [app, points] of samples) points.push([passed, system.usage(app).rssMb]);
    progress(Math.min(1, passed / seconds), `load for ${Math.round(seconds)} s, memory watched`);
  }
  return samples;
}

async function readLists(port: number, seconds: number): Promise<void> {
  const connection = await KeepAliveConnection.open(port);
  const endAt = performance.now() + seconds * 1000;
  while (performance.now() < endAt) {
    const { status, body } = await connection.exchange(getRequest('/v1/orders?status=CREATED&limit=50'));
    if (status !== 200) throw new Error(`a list was answered ${status}: ${body.toString()}`);
    await systemClock.sleep(READ_EVERY_MS);
  }
  connection.close();
}

async function run({ folder, scale, progress }: Bench): Promise<Findings> {
  return withSystem(RunningSystem.start(join(folder, 'data')), async (system) => {
    const seconds = scale.memorySeconds;
    const port = system.port('command-service');
    const load = { port, connections: CONNECTIONS, seconds, next: creations(), expectedStatus: 201 };
    const [samples, { latenciesMs }] = await Promise.all([
      sample(system, seconds, progress),
      closedLoop(load),
      readLists(system.port('query-service'), seconds),
    ]);
    const rows = system.apps.map((app) => rowOf(app, samples.get(app)!, system.usage(app).peakRssMb));
    const title = `memory over ${Math.round(seconds)} s of load, ${latenciesMs.length.toLocaleString('en')} commands, connections: ${CONNECTIONS}`;
    return {
      tables: [{ title, rows }],
      verdicts: rows.flatMap((row) => [
        atMost(`memory of ${row.process} at its peak, MB`, 200, row['MB at the peak']),
        atMost(`growth of ${row.process} from the second to the last quarter, MB`, GROWTH_MB_MAX, row['growth, MB']),
      ]),
    };
  });
}

function rowOf(app: string, samples: readonly [number, number][], peakRssMb: number) {
  const quarter = (from: number) => samples.slice((samples.length * from) / 4, (samples.length * (from + 1)) / 4);
  const typical = (from: number) => median(quarter(from).map(([, mb]) => mb));
  return {
    process: app,
    'MB in the second quarter': typical(1),
    'MB in the last quarter': typical(3),
    'growth, MB': typical(3) - typical(1),
    'MB a minute in the second half': 60 * slope(samples.slice(samples.length / 2)),
    'MB at the peak': peakRssMb,
  } satisfies ResultRow;
}

/** Whether memory stays where it is while load goes on. */
export const memory: Measurement = {
  name: 'memory',
  about: 'memory of each app under load that goes on (--minutes N)',
  seconds: ({ memorySeconds }) => 8 + memorySeconds,
  run,
};
