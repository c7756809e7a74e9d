import { join } from 'node:path';
import { withEngine, type Engine, type EngineConfig } from '@chronicle/engine';
import { orderReadModel } from '@chronicle/orders-read-models';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { APPS } from '@chronicle/tool-system';
import { atLeast, atMost, type Bench, type Findings, type Measurement } from './measurement.js';
import { EVENTS_PER_ORDER, fillWithOrders } from './order-history.js';
import { RunningSystem, withSystem } from './running-system.js';

const WORKER = 'order-read-model-projection';
const LOOK_EVERY_MS = 50;
const REPLAY_MS_MAX = 300_000;
/** Shares of the bar: filling takes most of the time. */
const FILLED = 0.7;

/** How far the worker had come at a time. */
interface Reached {
  readonly ms: number;
  readonly events: number;
}

/** Watches the group's checkpoints through its port, until they cover all events. */
async function watch(engine: Engine, total: number, begunAt: number, progress: Bench['progress']): Promise<Reached[]> {
  const feed = await engine.changeFeed();
  const store = await engine.consumerStore({ group: WORKER });
  const seen: Reached[] = [];
  for (let events = 0; events < total;) {
    events = total - (await feed.lag(await store.checkpoints())).events;
    const ms = performance.now() - begunAt;
    if (events > 0) seen.push({ ms, events });
    if (ms > REPLAY_MS_MAX)
      throw new Error(`${WORKER} had replayed ${events} of ${total} events after ${Math.round(ms)} ms`);
    progress(FILLED + ((1 - FILLED) * events) / total, `replaying, ${events.toLocaleString('en')} events so far`);
    await clock.sleep(LOOK_EVERY_MS);
  }
  return seen;
}

async function run({ folder, scale, progress }: Bench): Promise<Findings> {
  const dataDir = join(folder, 'data');
  const config: EngineConfig = { engine: 'embedded', dataDir };
  const total = scale.replayOrders * EVENTS_PER_ORDER;
  const filling = `filling the store with ${total.toLocaleString('en')} events`;
  const lastOrder = await withEngine(config, { clock, entropy }, async (engine) =>
    fillWithOrders(await engine.eventStore('write'), scale.replayOrders, (share) => progress(FILLED * share, filling)),
  );

  const worker = APPS.filter(({ name }) => name === WORKER);
  const begunAt = performance.now();
  const starting = RunningSystem.start(dataDir, worker);
  const watching = withEngine(config, { clock, entropy }, (engine) => watch(engine, total, begunAt, progress));
  watching.catch(() => {}); // told below, once the worker is stopped
  return withSystem(starting, async (system) => {
    const seen = await watching;
    const row = await withEngine(config, { clock, entropy }, async (engine) =>
      (await engine.readModel(orderReadModel)).find({ order_id: lastOrder }),
    );
    if (row?.['version'] !== EVENTS_PER_ORDER)
      throw new Error(`order ${lastOrder} is at version ${String(row?.['version'])} after the replay`);
    return findings(total, seen, system.usage(WORKER).peakRssMb);
  });
}

/** The rate is that between the first commit that was seen and the last: what came before was the start of the process. */
function findings(total: number, seen: readonly Reached[], peakRssMb: number): Findings {
  const [first, last] = [seen[0]!, seen.at(-1)!];
  const perSecond = (last.events - first.events) / ((last.ms - first.ms) / 1000);
  const row = {
    events: total,
    'events/s': perSecond,
    'first commit, s after the start of the process': first.ms / 1000,
    'all, s after the start of the process': last.ms / 1000,
    'MB at the peak': peakRssMb,
  };
  return {
    tables: [{ title: `replay into order_read_model by a worker that starts from nothing`, rows: [row] }],
    verdicts: [
      atLeast('replay, events/s', 50_000, perSecond),
      atMost(`memory of ${WORKER} at its peak while it replays, MB`, 200, peakRssMb),
    ],
  };
}

/** How fast a read model is made anew. */
export const replay: Measurement = {
  name: 'replay',
  about: 'replay of many events into a read model by a worker that starts from nothing',
  seconds: ({ replayOrders }) => 5 + replayOrders / 1200,
  run,
};
