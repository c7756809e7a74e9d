import { ConsumerWorker, type WorkerSettings } from '@chronicle/change-feed-core';
import { BUCKET_COUNT, CqlChangeFeed, CqlConsumerStore, CqlGroupCoordination } from '@chronicle/change-feed-cql';
import { CassandraLog } from '@chronicle/cql';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { foldAggregate, projectionHandler, type Row, type RowChange } from '@chronicle/projection-core';
import { openRowWriter } from '@chronicle/projection-cql';
import type { CdcReaderSettings } from '@chronicle/scylla-cdc';
import { timestampText, uuidV7 } from '@chronicle/seams';
import type { Schedule, ScheduleOptions } from '../schedule.js';
import type { Trouble } from '../world/network.js';
import { KEYSPACE, SimulatedWorld, type ConnectedProcess } from '../world/simulated-world.js';
import { HandledLog } from './handled-log.js';
import { shelvedCodec, thingsByShelf } from './things-by-shelf.js';

/** Of the first four buckets, one each: the group shares out only these, so that taking them does not take the whole schedule. */
const AGGREGATES = [
  '0193a000-0000-7000-8000-00000000004e',
  '0193a000-0000-7000-8000-000000000050',
  '0193a000-0000-7000-8000-000000000006',
  '0193a000-0000-7000-8000-000000000003',
];
const SHARED_BUCKETS = 4;
const SHELVES = ['a', 'b', 'c'];
/** Both ways. The confidence window covers it, with what an acknowledgement may take. */
const SKEW_MOST_MS = 400;
const STARTED_WITHIN_MS = 10_000;
const HANDLED_WITHIN_MS = 40_000;
const RETENTION_MS = 86_400_000;

const WORKER: Partial<WorkerSettings> = {
  heartbeatMs: 1_000,
  instanceTimeoutMs: 4_000,
  ownDeadlineMs: 3_000,
  coordinateEveryMs: 800,
  freeGraceMs: 1_000,
  drainTimeoutMs: 1_000,
  controlEveryMs: 3_000,
  outageRetryMaxMs: 1_000,
};
const READER: Partial<CdcReaderSettings> = {
  pollIntervalMs: 200,
  pollIntervalIdleMs: 700,
  safeIntervalMs: 700,
  confidenceWindowMs: 2_000,
  writeTimeoutMs: 1_000,
  behindMs: 5_000,
  lookBackSliceMs: 2_000,
  metadataIntervalMs: 2_000,
  clockIntervalMs: 3_000,
  idleCheckpointIntervalMs: 2_000,
  retryDelayMs: 50,
  pageRetriesMax: 1,
};

/**
 * A consumer group of a few real workers follows the log of a real writer and keeps a read model; lines are troubled, workers are paused
 * and killed, the log changes its streams. Then one is left in peace: every event must have taken effect once.
 */
export const consumersSchedule: Schedule = async (options) => {
  const group = new ConsumersWorld(options);
  await group.run();
  return group.findings;
};

class ConsumersWorld {
  readonly #world: SimulatedWorld;
  readonly #handled = new HandledLog(BUCKET_COUNT);
  readonly #broken: string[] = [];
  readonly #reader: Partial<CdcReaderSettings>;
  #workers: ConnectedProcess[] = [];
  #started = 0;
  #sent = 0;
  #unanswered = 0;
  #isQuiet = false;

  constructor(options: ScheduleOptions) {
    this.#world = new SimulatedWorld(options, {
      skewMostMs: SKEW_MOST_MS,
      onWrite: (_, mutations, receivedAt) =>
        this.#handled.note(mutations, receivedAt, this.#world.cluster.tables, this.#world.time.now),
    });
    // Without looking back, nothing mends what a pass has missed.
    this.#reader = { ...READER, lookBackMs: this.#world.chance.is(0.3) ? 8_000 : 0 };
  }

  get findings(): readonly string[] {
    return [...this.#broken, ...new Set(this.#handled.findings)];
  }

  async run(): Promise<void> {
    const { chance, time, network, cluster } = this.#world;
    const layout = { style: chance.oneOf(['vnodes', 'tablets'] as const), ranges: chance.oneOf([1, 2, 24]) };
    const writer = this.#world.connect('writer');
    const log = await this.#world.done(CassandraLog.open({ ...writer, keyspace: KEYSPACE, layout }), STARTED_WITHIN_MS);
    const settings = { heartbeatMs: 5_000, instanceTimeoutMs: 15_000, repairWatchMs: 60_000, orphanSweepMs: 600_000 };
    const store =
      log && (await this.#world.done(CqlEventStore.open({ ...writer, outbox: log, settings }), STARTED_WITHIN_MS));
    if (!log || !store) throw new Error('the writer did not start in peace');
    for (let left = chance.whole(1, 3); left > 0; left -= 1) void this.#start();
    network.trouble = this.#drawTrouble();
    if (chance.is(0.3)) network.busyNode = chance.whole(0, cluster.nodes - 1);
    const troubleMs = chance.oneOf([2_000, 6_000, 12_000]) * chance.between(0.5, 1);
    for (let left = chance.whole(2, 8); left > 0; left -= 1) {
      time.schedule(chance.between(0, troubleMs), () => this.#append(store, writer));
    }
    for (let left = chance.whole(0, 3); left > 0; left -= 1) {
      time.schedule(chance.between(0, troubleMs), () => this.#strike());
    }
    if (chance.is(0.4))
      time.schedule(chance.between(0, troubleMs / 4), () => void this.#changeStreams(log, store, writer));
    await time.pass(time.elapsed + troubleMs);
    await this.#comeToRest(store);
  }

  async #start(): Promise<void> {
    this.#started += 1;
    const of = this.#world.connect(`worker ${this.#started}`);
    const { group, version } = thingsByShelf;
    this.#workers.push(of);
    try {
      const effects = await openRowWriter(of.port, thingsByShelf);
      const worker = new ConsumerWorker<RowChange>({
        group,
        instanceId: uuidV7(of.clock, of.entropy),
        feed: await CqlChangeFeed.open({
          ...of,
          keyspace: KEYSPACE,
          dialect: 'cassandra',
          retentionMs: RETENTION_MS,
          settings: this.#reader,
        }),
        store: await CqlConsumerStore.open<RowChange>({ port: of.port, group, version, effects }),
        history: await CqlEventStore.open(of),
        coordination: await CqlGroupCoordination.open({ port: of.port, group, version, bucketCount: SHARED_BUCKETS }),
        handler: projectionHandler(thingsByShelf, shelvedCodec),
        clock: of.clock,
        entropy: of.entropy,
        settings: WORKER,
      });
      await worker.start();
    } catch (error) {
      this.#world.trace(() => `${of.process.name} could not start: ${String(error)}`);
      this.#kill(of);
      this.#world.time.schedule(500, () => void this.#start());
    }
  }

  #drawTrouble(): Trouble {
    const { chance } = this.#world;
    const perhaps = () => (chance.is(0.5) ? chance.between(0, 0.1) : 0);
    return { refused: perhaps() / 2, lost: perhaps(), replyLost: perhaps(), late: perhaps(), slow: perhaps() };
  }

  #strike(): void {
    const { chance, network } = this.#world;
    if (this.#workers.length === 0) return;
    const struck = chance.oneOf(this.#workers);
    if (chance.is(0.3)) return network.cut(struck.process, chance.between(1_000, 8_000));
    if (chance.is(0.5)) return this.#world.pause(struck.process, chance.between(500, 8_000));
    this.#kill(struck);
    if (chance.is(0.7)) void this.#start();
  }

  #kill(worker: ConnectedProcess): void {
    this.#world.kill(worker.process);
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  #append(store: CqlEventStore, { clock, entropy }: ConnectedProcess): void {
    if (this.#isQuiet) return;
    const { chance } = this.#world;
    const id = () => uuidV7(clock, entropy);
    this.#sent += 1;
    const command = { key: `command ${this.#sent}`, bodyHash: '' };
    const events = Array.from({ length: chance.oneOf([1, 1, 2, 3]) }, () => ({
      eventId: id(),
      eventType: 'Shelved',
      eventVersion: 1,
      eventData: JSON.stringify({ shelf: chance.oneOf(SHELVES), id: id() }),
      causationId: id(),
      correlationId: id(),
      userId: null,
      metadata: {},
    }));
    const aggregateId = chance.oneOf(AGGREGATES);
    const append = { aggregateId, aggregateType: 'Thing', expected: 'any' as const, events, command };
    this.#unanswered += 1;
    const sent = store.append({ ...append, now: timestampText(clock.now()) }).catch(() => undefined);
    void sent.finally(() => (this.#unanswered -= 1));
  }

  /** Changes the streams of the log, and has events written around the change. */
  async #changeStreams(log: CassandraLog, store: CqlEventStore, writer: ConnectedProcess): Promise<void> {
    const { chance, time, trace } = this.#world;
    const ranges = chance.oneOf([1, 2, 24]);
    const since = await log.switchGeneration({ ranges }).catch(() => undefined);
    if (since === undefined) return;
    trace(() => `the log is to change to ${ranges} ranges in ${(since - time.now).toFixed(0)} ms`);
    for (let left = chance.whole(0, 4); left > 0; left -= 1) {
      time.schedule(since - time.now + chance.between(-2_500, 500), () => this.#append(store, writer));
    }
  }

  /** The writer brings what it has committed into the log, one worker handles it; nothing is lost any more. */
  async #comeToRest(store: CqlEventStore): Promise<void> {
    const { chance, network, cluster } = this.#world;
    this.#isQuiet = true;
    network.calm();
    const running = this.#workers.filter(({ process }) => process.isRunning);
    const survivor = running.length > 0 && chance.is(0.7) ? chance.oneOf(running) : undefined;
    for (const worker of [...this.#workers]) if (worker !== survivor) this.#kill(worker);
    if (!survivor) void this.#start();
    const isWritten = () =>
      this.#unanswered === 0 && store.writing?.pendingAppends === 0 && network.writesUnderWay === 0;
    if (!(await this.#world.until(isWritten, STARTED_WITHIN_MS * 2)))
      this.#broken.push('the writer did not come to rest');
    await this.#world.until(() => this.#unhandled().length === 0, HANDLED_WITHIN_MS);
    this.#broken.push(...this.#unhandled());
    const events = await this.#world.done(eventsOf(store), STARTED_WITHIN_MS);
    if (!events) throw new Error('the store did not answer in peace');
    const expected = AGGREGATES.flatMap((id) => foldAggregate(thingsByShelf, shelvedCodec, events.get(id) ?? []));
    const found = cluster.tables.things_v1.scan(['shelf', 'thing_id', 'row_json'], this.#world.time.now);
    const rows = found.map(({ row }) => ({
      shelf: row.shelf,
      thing_id: row.thing_id,
      ...(JSON.parse(row.row_json as string) as Row),
    }));
    if (sorted(rows) !== sorted(expected))
      this.#broken.push(`the rows are ${sorted(rows)}, expected ${sorted(expected)}`);
  }

  #unhandled(): readonly string[] {
    const { tables } = this.#world.cluster;
    const { now } = this.#world.time;
    return AGGREGATES.flatMap((id) => {
      const version = Number(tables.event_store.find([id], ['version'], now)[0]?.row.version ?? 0);
      const [position] = tables.projection_state.find([thingsByShelf.group, 1, id], ['sequence'], now);
      const sequence = Number(position?.row.sequence ?? 0);
      return sequence === version ? [] : [`of ${id}, ${sequence} of ${version} events have taken effect`];
    });
  }
}

async function eventsOf(store: CqlEventStore): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
  const events = new Map<string, StoredEvent[]>();
  for (const id of AGGREGATES) {
    for await (const page of store.load(id)) events.set(id, [...(events.get(id) ?? []), ...page]);
  }
  return events;
}

function sorted(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort());
}
