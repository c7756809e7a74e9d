import { join } from 'node:path';
import { DriverCqlPort, LOG_TABLE, statement } from '@chronicle/cql';
import { withEngine } from '@chronicle/engine';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { APPS, HttpClient } from '@chronicle/tool-system';
import type cassandra from 'cassandra-driver';
import { bareClient } from './bare-appends.js';
import { engineOn, type Cluster } from './cluster.js';
import { LogFiller } from './log-filler.js';
import { atLeast, type Bench, type Findings, type Measurement } from './measurement.js';
import { EVENTS_PER_ORDER, fillWithOrders } from './order-history.js';
import { RunningSystem, withSystem } from './running-system.js';
import { median } from './statistics.js';

const WORKER = 'order-read-model-projection';
const PAGE_ROWS = 1_000;
/** Streams that the bare loop reads at once. */
const STREAMS_AT_ONCE = 8;
/** Before the worker, and as often after it. */
const BARE_READS = 2;
const LOOK_EVERY_MS = 200;
const CATCH_UP_MS_MAX = 600_000;
/** Shares of the bar. */
const FILLED = 0.5;
const READ = 0.6;

const readStreams = statement('bench.log-streams', `SELECT DISTINCT "cdc$stream_id" AS stream FROM ${LOG_TABLE}`);

/** Rows a second of a loop that does nothing but read every stream to its end, page by page. */
async function readBare(client: cassandra.Client, streams: readonly Buffer[], events: number): Promise<number> {
  const query = `SELECT * FROM ${LOG_TABLE} WHERE "cdc$stream_id" = ?`;
  const left = [...streams];
  let read = 0;
  const readOn = async () => {
    for (let stream = left.shift(); stream; stream = left.shift()) {
      let pageState: string | undefined;
      do {
        const options = { prepare: true, fetchSize: PAGE_ROWS, ...(pageState !== undefined && { pageState }) };
        const page = await client.execute(query, [stream], options);
        read += page.rows.length;
        pageState = page.pageState ?? undefined;
      } while (pageState !== undefined);
    }
  };
  const begunAt = performance.now();
  await Promise.all(Array.from({ length: STREAMS_AT_ONCE }, readOn));
  if (read < events) throw new Error(`the change log has ${read} rows: expected ${events} at least`);
  return read / ((performance.now() - begunAt) / 1_000);
}

/** Events a second of the feed's reader, when nobody does anything with what it hands out. */
async function readFeed(cluster: Cluster, folder: string, events: number): Promise<number> {
  const surroundings = { clock: systemClock, entropy: systemEntropy };
  return withEngine(engineOn(cluster, folder), surroundings, async (engine) => {
    const feed = await engine.changeFeed();
    const reader = feed.reader();
    const begunAt = performance.now();
    for (let bucket = 0; bucket < feed.bucketCount; bucket += 1) reader.assign(bucket, null);
    try {
      const never = new AbortController();
      for (let read = 0; read < events;) {
        for (const slice of await reader.next(never.signal)) read += slice.events.length;
      }
      return events / ((performance.now() - begunAt) / 1_000);
    } finally {
      await reader.close();
    }
  });
}

/** Events a second of the worker, from when it is last seen to have handled none until it has handled all. */
async function watch(system: RunningSystem, events: number, progress: Bench['progress']): Promise<number> {
  const worker = new HttpClient(`http://127.0.0.1:${system.port(WORKER)}`);
  const begunAt = performance.now();
  let beganMs = 0;
  for (;;) {
    const { text } = await worker.get('/metrics');
    const ms = performance.now() - begunAt;
    const handled = Number(/^consumer_events_handled_total(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? 0);
    if (handled === 0) beganMs = ms;
    progress(
      READ + ((1 - READ) * Math.min(handled, events)) / events,
      `${handled.toLocaleString('en')} events handled`,
    );
    if (handled >= events) {
      worker.close();
      return handled / ((ms - beganMs) / 1_000);
    }
    if (ms > CATCH_UP_MS_MAX) throw new Error(`${WORKER} has handled ${handled} of ${events} events in ${ms} ms`);
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}

/** Fills the log; answers its streams. */
async function fill(cluster: Cluster, orders: number, progress: Bench['progress']): Promise<Buffer[]> {
  const { contactPoints, datacenter: localDataCenter, keyspace } = cluster;
  const port = await DriverCqlPort.open({ contactPoints, localDataCenter, keyspace });
  try {
    const filler = await LogFiller.open(port, keyspace);
    await fillWithOrders(filler, orders, (share) => progress(FILLED * share, 'filling the change log'));
    const { rows } = await port.read(readStreams, []);
    return rows.map(({ stream }) => Buffer.from(stream as Uint8Array));
  } finally {
    await port.close();
  }
}

async function run({ folder, scale, cluster, progress }: Bench): Promise<Findings> {
  const { contactPoints, datacenter, keyspace } = cluster!;
  const events = scale.catchUpOrders * EVENTS_PER_ORDER;
  const streams = await fill(cluster!, scale.catchUpOrders, progress);
  const client = await bareClient(contactPoints, datacenter, keyspace);
  const bare: number[] = [];
  const readSome = async () => {
    for (let read = 0; read < BARE_READS; read += 1) bare.push(await readBare(client, streams, events));
  };
  try {
    progress(FILLED, 'reading it bare');
    await readSome();
    const apps = APPS.filter(({ name }) => name === WORKER);
    const worker = await withSystem(RunningSystem.start(join(folder, 'data'), apps, {}, cluster), async (system) => ({
      perSecond: await watch(system, events, progress),
      peakRssMb: system.usage(WORKER).peakRssMb,
    }));
    const reader = await readFeed(cluster!, folder, events);
    await readSome();
    const ratio = worker.perSecond / median(bare);
    const row = {
      events,
      'bare read, rows/s': median(bare),
      lowest: Math.min(...bare),
      highest: Math.max(...bare),
      'reader alone, events/s': reader,
      'reader of the bare read': reader / median(bare),
      'worker, events/s': worker.perSecond,
      'worker of the bare read': ratio,
      'MB at the peak': worker.peakRssMb,
    };
    return {
      tables: [{ title: 'a worker that starts from nothing, and a bare paged read of the same log', rows: [row] }],
      verdicts: [
        atLeast('catch-up of one worker ÷ bare paged read', 0.5, ratio),
        atLeast('reader of the log alone ÷ bare paged read', 0.5, reader / median(bare)),
      ],
    };
  } finally {
    await client.shutdown();
  }
}

/** How fast a worker catches up from the change log of a cluster. */
export const catchUp: Measurement = {
  name: 'catch-up',
  about: 'catch-up of one worker from the change log, against a bare paged read of it',
  engines: ['cassandra'],
  seconds: ({ catchUpOrders }) => 20 + catchUpOrders / 100,
  run,
};
