import { CassandraLog, type LogLayout } from '@chronicle/cql';
import { StoreUnavailableError, followChain, EMPTY_STREAM, type Append } from '@chronicle/event-sourcing-core';
import { CqlEventStore, scyllaOutbox, type CqlEventStoreSettings } from '@chronicle/event-sourcing-cql';
import { timestampText, uuidV7 } from '@chronicle/seams';
import { InMemoryCluster } from '../database/in-memory-cluster.js';
import { InMemoryCqlPort } from '../database/in-memory-cql-port.js';
import type { Schedule, ScheduleOptions } from '../schedule.js';
import { Chance } from '../world/chance.js';
import { NO_TROUBLE, Network, type Trouble } from '../world/network.js';
import { SimulatedProcess } from '../world/simulated-process.js';
import { SimulatedTime } from '../world/simulated-time.js';
import type { Trace } from '../world/trace.js';
import { CommandJournal, type Sending } from './command-journal.js';
import { CommittedEvents } from './committed-events.js';

const KEYSPACE = 'simulated';
/** Few, so that they are fought over. */
const AGGREGATES = ['0193a000-0000-7000-8000-000000000001', '0193a000-0000-7000-8000-00000000000a'];
const SKEW_MOST_MS = 150;
const OUTBOX_ACK_LIMIT_MS = 1_000;
/** Promised for a production's settings are 15 s after a writer's death; the settings here are quicker. */
const PUBLISHED_WITHIN_MS = 12_000;
const ORPHANS_SOON_MS = 2_000;
const ORPHANS_LATE_MS = 600_000;
const STARTED_WITHIN_MS = 10_000;
const SENDINGS_MAX = 3;
/** How often it is looked whether all has come to rest. */
const LOOK_EVERY_MS = 200;

/**
 * Several writers append to few aggregates through troubled lines, are paused and killed; then one is left in peace. Every
 * answer must have been true, and everything that was committed must be in the change log soon after.
 */
export const writersSchedule: Schedule = async (options) => {
  const world = new WritersWorld(options);
  await world.run();
  return world.findings();
};

interface Writer {
  readonly process: SimulatedProcess;
  readonly store: CqlEventStore;
}

class WritersWorld {
  readonly #time = new SimulatedTime();
  readonly #chance: Chance;
  readonly #trace: Trace;
  readonly #cluster: InMemoryCluster;
  readonly #network: Network;
  readonly #committed = new CommittedEvents();
  readonly #journal = new CommandJournal();
  readonly #isScylla: boolean;
  readonly #layout: LogLayout;
  readonly #settings: Partial<CqlEventStoreSettings>;
  readonly #aggregates: readonly string[];
  readonly #broken: string[] = [];
  /** Whom the answers to commands are waited for from. */
  readonly #unanswered = new Map<Sending, SimulatedProcess>();
  #writers: Writer[] = [];
  #started = 0;
  #isQuiet = false;

  constructor({ seed, trace, onRequest }: ScheduleOptions) {
    const chance = (this.#chance = new Chance(seed));
    this.#trace = (text) => trace(() => `${this.#time.elapsed.toFixed(1).padStart(9)} ${text()}`);
    const now = () => this.#time.now;
    this.#cluster = new InMemoryCluster({
      now,
      skewsMs: Array.from({ length: chance.whole(1, 3) }, () => chance.between(-SKEW_MOST_MS, SKEW_MOST_MS)),
      pageRowsMax: chance.oneOf([2, 5, 1_000]),
      onWrite: (writes, mutations) => this.#committed.note(writes, mutations, this.#time.now),
      ...(onRequest && { onRequest }),
    });
    this.#network = new Network(this.#time, chance, this.#cluster.nodes, this.#trace);
    this.#isScylla = chance.is(0.5);
    this.#layout = { style: chance.oneOf(['vnodes', 'tablets']), ranges: 2 };
    this.#aggregates = AGGREGATES.slice(0, chance.whole(1, AGGREGATES.length));
    this.#settings = {
      heartbeatMs: 1_000,
      instanceTimeoutMs: 3_000,
      repairWatchMs: 600,
      outboxAckLimitMs: OUTBOX_ACK_LIMIT_MS,
      orphanSweepMs: chance.is(0.5) ? ORPHANS_SOON_MS : ORPHANS_LATE_MS,
      cachedStreamsMax: chance.oneOf([1, 100]),
      scanRanges: 2,
      scansAtOnce: 2,
    };
  }

  async run(): Promise<void> {
    for (let index = 0, count = this.#chance.whole(2, 3); index < count; index += 1) void this.#start();
    await this.#time.pass(STARTED_WITHIN_MS, () => this.#writers.length === this.#started);
    this.#network.trouble = this.#drawTrouble();
    const troubleMs = this.#chance.oneOf([1_000, 4_000, 10_000]) * this.#chance.between(0.5, 1);
    this.#planCommands(troubleMs);
    this.#planFaults(troubleMs);
    await this.#time.pass(this.#time.elapsed + troubleMs);
    await this.#comeToRest();
  }

  findings(): readonly string[] {
    const readableWithinMs = OUTBOX_ACK_LIMIT_MS + 2 * SKEW_MOST_MS;
    return [...this.#broken, ...this.#committed.findings(readableWithinMs), ...this.#journal.findings(this.#committed)];
  }

  async #start(): Promise<void> {
    this.#started += 1;
    const process = new SimulatedProcess(
      `writer ${this.#started}`,
      this.#chance.child(),
      this.#time,
      this.#chance.between(-SKEW_MOST_MS, SKEW_MOST_MS),
    );
    const port = new InMemoryCqlPort(this.#cluster, this.#network.lineOf(process));
    const { clock, entropy } = process;
    try {
      const outbox = this.#isScylla
        ? scyllaOutbox(port)
        : await CassandraLog.open({ port, keyspace: KEYSPACE, clock, entropy, layout: this.#layout });
      const store = await CqlEventStore.open({ port, clock, entropy, outbox, settings: this.#settings });
      this.#writers.push({ process, store });
    } catch (error) {
      if (!isOfTrouble(error)) throw error;
      process.kill();
      this.#started -= 1;
      this.#time.schedule(500, () => void this.#start());
    }
  }

  #drawTrouble(): Trouble {
    const perhaps = () => (this.#chance.is(0.5) ? this.#chance.between(0, 0.12) : 0);
    return { refused: perhaps() / 2, lost: perhaps(), replyLost: perhaps(), late: perhaps(), slow: perhaps() };
  }

  #planCommands(withinMs: number): void {
    for (let index = 1, count = this.#chance.whole(2, 7); index <= count; index += 1) {
      const command = { key: `command ${index}`, events: this.#chance.oneOf([1, 1, 2, 3]) };
      this.#time.schedule(this.#chance.between(0, withinMs), () => this.#send(command, 1));
    }
  }

  #planFaults(withinMs: number): void {
    for (let left = this.#chance.whole(0, 3); left > 0; left -= 1) {
      this.#time.schedule(this.#chance.between(0, withinMs), () => this.#strike());
    }
  }

  #strike(): void {
    if (this.#writers.length === 0) return;
    const { process } = this.#chance.oneOf(this.#writers);
    if (this.#chance.is(0.5)) {
      this.#trace(() => `${process.name} is paused`);
      process.pause();
      this.#time.schedule(this.#chance.between(500, 8_000), () => {
        this.#trace(() => `${process.name} goes on`);
        process.resume();
        if (this.#chance.is(0.3) && !this.#isQuiet) {
          this.#time.schedule(this.#chance.between(0, 30), () => !this.#isQuiet && this.#kill(process));
        }
      });
    } else {
      this.#kill(process);
      if (this.#chance.is(0.5)) void this.#start();
    }
  }

  #kill(process: SimulatedProcess): void {
    this.#trace(() => `${process.name} is killed`);
    process.kill();
    this.#writers = this.#writers.filter((writer) => writer.process !== process);
  }

  #send(command: { readonly key: string; readonly events: number }, times: number): void {
    if (this.#isQuiet) return;
    const again = () => {
      if (times < SENDINGS_MAX)
        this.#time.schedule(this.#chance.between(1, 2_000), () => this.#send(command, times + 1));
    };
    if (this.#writers.length === 0) return again();
    // One that is paused takes what it is sent when it goes on.
    const { process, store } = this.#chance.oneOf(this.#writers);
    const append = this.#appendOf(command, process);
    this.#trace(
      () => `${command.key} is sent to ${process.name}: ${append.events.length} events, if at ${append.expected}`,
    );
    const noAnswer = this.#time.schedule(4_000, again);
    process.deliver(() => {
      const sending = this.#journal.send(append, this.#committed.versionOf(append.aggregateId));
      this.#unanswered.set(sending, process);
      void this.#answerOf(store, append).then((answer) => {
        noAnswer();
        this.#unanswered.delete(sending);
        sending.answer = answer;
        this.#trace(() => `${command.key} is told ${JSON.stringify(answer)} by ${process.name}`);
        const isSettled = answer?.outcome === 'appended' || answer?.outcome === 'remembered';
        if (!isSettled || this.#chance.is(0.3)) again();
      });
    });
  }

  async #answerOf(store: CqlEventStore, append: Append): Promise<Sending['answer']> {
    try {
      return await store.append(append);
    } catch (error) {
      if (isOfTrouble(error)) return { outcome: 'failed' };
      this.#broken.push(`append failed: ${String(error)}`);
      return undefined;
    }
  }

  #appendOf(
    { key, events }: { readonly key: string; readonly events: number },
    { clock, entropy }: SimulatedProcess,
  ): Append {
    // Of one command always the same.
    const aggregateId = this.#aggregates[Number(key.split(' ')[1]) % this.#aggregates.length]!;
    const told = this.#journal.toldVersion(aggregateId);
    const id = () => uuidV7(clock, entropy);
    const commandId = id();
    return {
      aggregateId,
      aggregateType: 'Thing',
      expected: this.#chance.is(0.6) ? 'any' : told === 0 ? 'none' : told,
      now: timestampText(clock.now()),
      command: { key, bodyHash: key },
      events: Array.from({ length: events }, () => ({
        eventId: id(),
        eventType: 'ThingDone',
        eventVersion: 1,
        eventData: '{}',
        causationId: commandId,
        correlationId: commandId,
        userId: null,
        metadata: {},
      })),
    };
  }

  /** All but one process die, or, if none has been left, a new one starts; nothing is lost any more. */
  async #comeToRest(): Promise<void> {
    this.#isQuiet = true;
    this.#network.trouble = NO_TROUBLE;
    const running = this.#writers.filter(({ process }) => process.isRunning);
    const survivor = running.length > 0 && this.#chance.is(0.7) ? this.#chance.oneOf(running) : undefined;
    for (const { process } of [...this.#writers]) if (process !== survivor?.process) this.#kill(process);
    if (!survivor) void this.#start();
    const quietAt = this.#time.elapsed;
    const isAtRest = () =>
      this.#writers.length > 0 &&
      this.#network.writesUnderWay === 0 &&
      [...this.#unanswered.values()].every(({ isKilled }) => isKilled) &&
      this.#committed.allPublished &&
      this.#noIntents();
    while (!isAtRest() && this.#time.elapsed < quietAt + PUBLISHED_WITHIN_MS) {
      await this.#time.pass(this.#time.elapsed + LOOK_EVERY_MS);
    }
    const last = this.#writers.at(-1);
    if (!last) this.#broken.push('no writer could be started in peace');
    else await this.#verify(last.store);
  }

  #noIntents(): boolean {
    return this.#cluster.tables.append_intents.scan(['attempt_id'], this.#time.now).length === 0;
  }

  /** What the store gives is what was committed, and its chain holds. */
  async #verify(store: CqlEventStore): Promise<void> {
    let verified = false;
    const verifying = this.#verifyAll(store).then(() => (verified = true));
    await this.#time.pass(this.#time.elapsed + 5_000, () => verified);
    if (!verified) this.#broken.push('the store did not answer in peace');
    else await verifying;
    if (this.#settings.orphanSweepMs === ORPHANS_SOON_MS && !this.#noIntents()) {
      this.#broken.push('an intent stands there that nobody has repaired');
    }
  }

  async #verifyAll(store: CqlEventStore): Promise<void> {
    const scanned = new Map<string, string[]>();
    for await (const { events } of store.streamAll()) {
      for (const { aggregateId, eventId } of events) {
        scanned.set(aggregateId, [...(scanned.get(aggregateId) ?? []), eventId]);
      }
    }
    for (const aggregateId of this.#committed.aggregates) {
      const loaded = await this.#verifyStream(store, aggregateId);
      const committed = this.#committed.idsOf(aggregateId).join();
      if (loaded.join() !== committed)
        this.#broken.push(`the store loads other events of ${aggregateId} than were committed`);
      if (scanned.get(aggregateId)?.join() !== committed) {
        this.#broken.push(`the store scans other events of ${aggregateId} than were committed`);
      }
    }
  }

  async #verifyStream(store: CqlEventStore, aggregateId: string): Promise<readonly string[]> {
    const ids: string[] = [];
    let end = EMPTY_STREAM;
    for await (const events of store.load(aggregateId)) {
      for (const event of events) {
        ids.push(event.eventId);
        const next = followChain(end, event);
        if ('reason' in next)
          this.#broken.push(`the chain of ${aggregateId} breaks at ${next.sequenceNumber}: ${next.reason}`);
        else end = next;
      }
    }
    return ids;
  }
}

/** Nothing was appended, or the process could not start: what trouble does. */
function isOfTrouble(error: unknown): boolean {
  return error instanceof StoreUnavailableError || (error as { code?: string }).code === 'cql-unknown-outcome';
}
