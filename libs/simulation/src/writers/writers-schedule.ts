import { CassandraLog, type LogLayout } from '@chronicle/cql';
import { StoreUnavailableError, followChain, EMPTY_STREAM, type Append } from '@chronicle/event-sourcing-core';
import { CqlEventStore, scyllaOutbox, type CqlEventStoreSettings } from '@chronicle/event-sourcing-cql';
import { timestampText, uuidV7 } from '@chronicle/seams';
import type { Schedule, ScheduleOptions } from '../schedule.js';
import type { Trouble } from '../world/network.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import { KEYSPACE, SimulatedWorld } from '../world/simulated-world.js';
import { CommandJournal, type Sending } from './command-journal.js';
import { CommittedEvents } from './committed-events.js';

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
  readonly #world: SimulatedWorld;
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

  constructor(options: ScheduleOptions) {
    this.#world = new SimulatedWorld(options, {
      skewMostMs: SKEW_MOST_MS,
      onWrite: (writes, mutations) => this.#committed.note(writes, mutations, this.#world.time.now),
    });
    const { chance } = this.#world;
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
    for (let index = 0, count = this.#world.chance.whole(2, 3); index < count; index += 1) void this.#start();
    await this.#world.time.pass(STARTED_WITHIN_MS, () => this.#writers.length === this.#started);
    this.#world.network.trouble = this.#drawTrouble();
    if (this.#world.chance.is(0.2)) this.#world.network.busyNode = 0;
    const troubleMs = this.#world.chance.oneOf([1_000, 4_000, 10_000]) * this.#world.chance.between(0.5, 1);
    this.#planCommands(troubleMs);
    this.#planFaults(troubleMs);
    await this.#world.time.pass(this.#world.time.elapsed + troubleMs);
    await this.#comeToRest();
  }

  findings(): readonly string[] {
    const readableWithinMs = OUTBOX_ACK_LIMIT_MS + 2 * SKEW_MOST_MS;
    return [...this.#broken, ...this.#committed.findings(readableWithinMs), ...this.#journal.findings(this.#committed)];
  }

  async #start(): Promise<void> {
    this.#started += 1;
    const { process, port, clock, entropy } = this.#world.connect(`writer ${this.#started}`);
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
      this.#world.time.schedule(500, () => void this.#start());
    }
  }

  #drawTrouble(): Trouble {
    const perhaps = () => (this.#world.chance.is(0.5) ? this.#world.chance.between(0, 0.12) : 0);
    return { refused: perhaps() / 2, lost: perhaps(), replyLost: perhaps(), late: perhaps(), slow: perhaps() };
  }

  #planCommands(withinMs: number): void {
    for (let index = 1, count = this.#world.chance.whole(2, 7); index <= count; index += 1) {
      const command = { key: `command ${index}`, events: this.#world.chance.oneOf([1, 1, 2, 3]) };
      this.#world.time.schedule(this.#world.chance.between(0, withinMs), () => this.#send(command, 1));
    }
  }

  #planFaults(withinMs: number): void {
    for (let left = this.#world.chance.whole(0, 3); left > 0; left -= 1) {
      this.#world.time.schedule(this.#world.chance.between(0, withinMs), () => this.#strike());
    }
  }

  #strike(): void {
    if (this.#writers.length === 0) return;
    const { process } = this.#world.chance.oneOf(this.#writers);
    if (this.#world.chance.is(0.5)) {
      this.#world.pause(process, this.#world.chance.between(500, 8_000), () => {
        if (this.#isQuiet || !this.#world.chance.is(0.3)) return;
        this.#world.time.schedule(this.#world.chance.between(0, 30), () => !this.#isQuiet && this.#kill(process));
      });
    } else {
      this.#kill(process);
      if (this.#world.chance.is(0.5)) void this.#start();
    }
  }

  #kill(process: SimulatedProcess): void {
    this.#world.kill(process);
    this.#writers = this.#writers.filter((writer) => writer.process !== process);
  }

  #send(command: { readonly key: string; readonly events: number }, times: number): void {
    if (this.#isQuiet) return;
    const again = () => {
      if (times < SENDINGS_MAX)
        this.#world.time.schedule(this.#world.chance.between(1, 2_000), () => this.#send(command, times + 1));
    };
    if (this.#writers.length === 0) return again();
    // One that is paused takes what it is sent when it goes on.
    const { process, store } = this.#world.chance.oneOf(this.#writers);
    const append = this.#appendOf(command, process);
    this.#world.trace(
      () => `${command.key} is sent to ${process.name}: ${append.events.length} events, if at ${append.expected}`,
    );
    const noAnswer = this.#world.time.schedule(4_000, again);
    process.deliver(() => {
      const sending = this.#journal.send(append, this.#committed.versionOf(append.aggregateId));
      this.#unanswered.set(sending, process);
      void this.#answerOf(store, append).then((answer) => {
        noAnswer();
        this.#unanswered.delete(sending);
        sending.answer = answer;
        this.#world.trace(() => `${command.key} is told ${JSON.stringify(answer)} by ${process.name}`);
        const isSettled = answer?.outcome === 'appended' || answer?.outcome === 'remembered';
        if (!isSettled || this.#world.chance.is(0.3)) again();
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
      expected: this.#world.chance.is(0.6) ? 'any' : told === 0 ? 'none' : told,
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
    this.#world.network.calm();
    const running = this.#writers.filter(({ process }) => process.isRunning);
    const survivor = running.length > 0 && this.#world.chance.is(0.7) ? this.#world.chance.oneOf(running) : undefined;
    for (const { process } of [...this.#writers]) if (process !== survivor?.process) this.#kill(process);
    if (!survivor) void this.#start();
    const isAtRest = () =>
      this.#writers.length > 0 &&
      this.#world.network.writesUnderWay === 0 &&
      [...this.#unanswered.values()].every(({ isKilled }) => isKilled) &&
      this.#committed.allPublished &&
      this.#noIntents();
    await this.#world.until(isAtRest, PUBLISHED_WITHIN_MS);
    const last = this.#writers.at(-1);
    if (!last) this.#broken.push('no writer could be started in peace');
    else await this.#verify(last.store);
  }

  #noIntents(): boolean {
    return this.#world.cluster.tables.append_intents.scan(['attempt_id'], this.#world.time.now).length === 0;
  }

  /** What the store gives is what was committed, and its chain holds. */
  async #verify(store: CqlEventStore): Promise<void> {
    const verified = await this.#world.done(this.#verifyAll(store), STARTED_WITHIN_MS);
    if (!verified) this.#broken.push('the store did not answer in peace');
    if (this.#settings.orphanSweepMs === ORPHANS_SOON_MS && !this.#noIntents()) {
      this.#broken.push('an intent stands there that nobody has repaired');
    }
  }

  async #verifyAll(store: CqlEventStore): Promise<true> {
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
    return true;
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
