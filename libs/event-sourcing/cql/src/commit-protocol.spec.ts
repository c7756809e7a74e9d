import { CqlUnknownOutcomeError, statement, storedEventFromRow, type CqlRow } from '@chronicle/cql';
import { StoreUnavailableError, type StoredEvent } from '@chronicle/event-sourcing-core';
import { AppendFactory, collect, verifiedStream } from '@chronicle/event-sourcing-testing';
import { armFailpoints, systemClock } from '@chronicle/seams';
import { CassandraStores } from './cassandra-store.fixture.js';
import type { CqlEventStore, CqlEventStoreSettings } from './cql-event-store.js';
import type { OutboxWriter } from './outbox.js';
import { WaywardPort, gate, type Misfortune } from './wayward-port.fixture.js';

const cassandra = new CassandraStores(process.env);
const INTENT = 'intents.insert';
const COMMIT = 'event-store.move-version';
const FENCE = 'event-store.raise-fence';
const LOG = 'cassandra-log.insert';
const CLEAR = 'intents.delete-page';
const HEAD = 'event-store.load-head';
const HEAD_WITH_COMMAND = 'event-store.load-head-with-command';

/** Quick verdicts, so that a test need not wait for those of production. */
const QUICK: Partial<CqlEventStoreSettings> = {
  heartbeatMs: 100,
  instanceTimeoutMs: 1_500,
  repairWatchMs: 100,
  orphanSweepMs: 500,
  outboxAckLimitMs: 5_000,
};
/** One that judges nobody: for the writer that is to die. */
const LETHARGIC: Partial<CqlEventStoreSettings> = { ...QUICK, repairWatchMs: 3_600_000, orphanSweepMs: 3_600_000 };

const lost = () => new CqlUnknownOutcomeError('conditional write: Socket was closed');
/** The request gets lost on the way; nobody can tell. */
const lostBefore: Misfortune = async () => {
  throw lost();
};
/** The request is carried out; its answer gets lost. */
const lostAfter: Misfortune = async (send) => {
  await send();
  throw lost();
};

cassandra.describe(`the commit protocol on ${cassandra.dialect}`, () => {
  const make = new AppendFactory(systemClock);
  let port: WaywardPort;
  let opened: CqlEventStore[];
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());
  beforeEach(async () => {
    await cassandra.empty();
    port = new WaywardPort(cassandra.port);
    opened = [];
  });
  afterEach(async () => {
    armFailpoints('');
    for (const store of opened) await store.close();
  });

  type Options = Parameters<CassandraStores['open']>[0];
  /** A store that speaks through the wayward port; the test ends it. */
  const openWayward = (options: Options = {}) =>
    cassandra.open({ settings: LETHARGIC, ...options, port, clock: port.clock });
  async function openSurvivor(options: Options = {}): Promise<CqlEventStore> {
    const store = await cassandra.open({ settings: QUICK, ...options });
    opened.push(store);
    return store;
  }
  async function rows(cql: string): Promise<CqlRow[]> {
    const all: CqlRow[] = [];
    for await (const page of cassandra.port.pages(statement(`test.${cql}`, cql), [])) all.push(...page);
    return all;
  }
  const intents = () => rows('SELECT instance_id, aggregate_id, version, events FROM append_intents');
  const instances = () => rows('SELECT instance_id FROM instances');
  const logged = () => rows('SELECT * FROM outbox_messages_scylla_cdc_log');
  /** Distinct events of the log, by aggregate and sequence. */
  async function loggedEvents(): Promise<StoredEvent[]> {
    const events = (await logged()).map(storedEventFromRow);
    const byId = new Map(events.map((event) => [event.eventId, event]));
    return [...byId.values()].sort((left, right) => left.sequenceNumber - right.sequenceNumber);
  }
  async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = systemClock.monotonic() + 60_000;
    while (!(await holds())) {
      if (systemClock.monotonic() > deadline) throw new Error(`waited in vain until ${what}`);
      await systemClock.sleep(50);
    }
  }
  const noIntents = () => until('all intents are cleared', async () => (await intents()).length === 0);
  const repaired = (store: CqlEventStore, published: number, fenced: number) =>
    until(`${published} published, ${fenced} fenced`, () => {
      const { repairs } = store.writing!;
      return repairs.published === published && repairs.fenced === fenced;
    });

  describe('a writer that lives', () => {
    it('loads, writes the intent, commits, writes the log and clears, in that order', async () => {
      const store = await openSurvivor();
      const writer = await openWayward();
      port.requests.length = 0;
      const append = make.append(make.id(), { events: [make.draft(), make.draft()] });
      await writer.append(append);
      await noIntents();
      const ofAppends = [HEAD_WITH_COMMAND, INTENT, COMMIT, LOG, CLEAR];
      expect(port.requests.filter((name) => ofAppends.includes(name))).toEqual(ofAppends);
      expect(await loggedEvents()).toEqual(await verifiedStream(store, append.aggregateId));
      await writer.close();
      expect(await instances()).toHaveLength(1);
    });

    it('takes the end of a stream from memory for the next append to it', async () => {
      const writer = await openWayward();
      const aggregateId = make.id();
      for (let version = 0; version < 3; version += 1) await writer.append(make.append(aggregateId));
      expect(port.requests.filter((name) => name === HEAD_WITH_COMMAND)).toHaveLength(1);
      await writer.close();
    });

    it('reads nothing to create a stream, and anew when there is one already', async () => {
      const survivor = await openSurvivor();
      const writer = await openWayward();
      const [free, taken] = [make.id(), make.id()];
      await survivor.append(make.append(taken));
      port.requests.length = 0;
      await writer.append(make.append(free, { expected: 'none' }));
      expect(port.requests).not.toContain(HEAD_WITH_COMMAND);
      const creation = make.append(taken, { expected: 'none' });
      expect(await writer.append(creation)).toEqual({ outcome: 'conflict', actualVersion: 1 });
      expect(port.requests.filter((name) => name === HEAD_WITH_COMMAND)).toHaveLength(1);
      await writer.close();
    });

    it('takes the head that it was asked for as the end of the stream', async () => {
      const survivor = await openSurvivor();
      const writer = await openWayward();
      const { aggregateId } = make.append(make.id());
      await survivor.append(make.append(aggregateId));
      expect(await writer.head(aggregateId, 'new key')).toMatchObject({ version: 1 });
      port.requests.length = 0;
      expect(await writer.append(make.append(aggregateId))).toMatchObject({ firstSequence: 2 });
      expect(port.requests.filter((name) => name.startsWith('event-store.'))).toEqual([COMMIT]);
      await writer.close();
    });

    it.each(['creation', 'change'] as const)(
      'does not append a repeat of the %s, whoever appended it, to a stream in memory',
      async (repeated) => {
        const survivor = await openSurvivor();
        const writer = await openWayward();
        const creation = make.append(make.id());
        const change = make.append(creation.aggregateId);
        await survivor.append(creation);
        await survivor.append(change);
        await writer.append(make.append(creation.aggregateId));
        const append = { creation, change }[repeated];
        expect(await writer.append(append)).toMatchObject({ outcome: 'remembered' });
        expect(await collect(writer.load(creation.aggregateId))).toHaveLength(3);
        await writer.close();
      },
    );

    it('writes the intents of attempts that come together as one', async () => {
      const writer = await openWayward();
      await Promise.all(Array.from({ length: 100 }, () => writer.append(make.append(make.id()))));
      const writes = port.requests.filter((name) => name === INTENT).length;
      expect(writes).toBeLessThan(30);
      await writer.close();
      expect(await intents()).toEqual([]);
      expect(await loggedEvents()).toHaveLength(100);
    });

    it('without the intent, commits nothing', async () => {
      const writer = await openWayward();
      const append = make.append(make.id());
      port.plan(INTENT, lostAfter);
      await expect(writer.append(append)).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(port.requests).not.toContain(COMMIT);
      expect(await writer.append(append)).toMatchObject({ outcome: 'appended', firstSequence: 1 });
      await writer.close();
    });
  });

  describe('a writer that is killed', () => {
    /** Opens a writer that dies when `name` is about to be sent, or was carried out; and lets it append. */
    async function kill(when: 'before' | 'after', name: string) {
      const writer = await openWayward();
      const append = make.append(make.id(), { events: [make.draft(), make.draft()] });
      const dead = gate();
      port.plan(name, async (send) => {
        const result = when === 'after' ? await send() : undefined;
        port.halt();
        dead.open();
        return result as Awaited<ReturnType<typeof send>>; // which a halted port keeps for itself
      });
      void writer.append(append);
      await dead.opened;
      return append.aggregateId;
    }
    const noneButSurvivors = () => until('the dead is buried', async () => (await instances()).length === 1);

    it('before its intent, then leaves nothing', async () => {
      const aggregateId = await kill('before', INTENT);
      const survivor = await openSurvivor();
      await noneButSurvivors();
      expect(await collect(survivor.load(aggregateId))).toEqual([]);
      expect(survivor.writing!.repairs).toEqual({ published: 0, fenced: 0, failures: 0 });
    });

    it.each([
      ['after', INTENT],
      ['before', COMMIT],
    ] as const)('%s %s, then its append is forbidden', async (when, name) => {
      const aggregateId = await kill(when, name);
      expect(await intents()).toEqual([expect.objectContaining({ aggregate_id: aggregateId, version: 0n, events: 2 })]);
      const survivor = await openSurvivor();
      await repaired(survivor, 0, 1);
      await noneButSurvivors();
      expect(await intents()).toEqual([]);
      expect(await survivor.head(aggregateId)).toBeUndefined();
      expect(await collect(survivor.load(aggregateId))).toEqual([]);
      for await (const page of survivor.streamAll()) expect(page.events).toEqual([]);
      expect(await survivor.append(make.append(aggregateId, { expected: 'none' }))).toMatchObject({ firstSequence: 1 });
    });

    it.each([
      ['after', COMMIT],
      ['before', LOG],
      ['after', LOG],
      ['before', CLEAR],
    ] as const)('%s %s, then its append is published', async (when, name) => {
      const aggregateId = await kill(when, name);
      const survivor = await openSurvivor();
      await repaired(survivor, 1, 0);
      await noneButSurvivors();
      expect(await intents()).toEqual([]);
      const stream = await verifiedStream(survivor, aggregateId);
      expect(stream).toHaveLength(2);
      expect(await loggedEvents()).toEqual(stream);
    });

    it('after clearing, then there is nothing left to do', async () => {
      await kill('after', CLEAR);
      const survivor = await openSurvivor();
      await noneButSurvivors();
      expect(survivor.writing!.repairs).toEqual({ published: 0, fenced: 0, failures: 0 });
    });

    it('and its repair too, at every step of it, then the next sweep goes on', async () => {
      const aggregates = [await kill('after', COMMIT)];
      port = new WaywardPort(cassandra.port);
      aggregates.push(await kill('after', INTENT));
      armFailpoints(
        'repair-after-read:1:throw,repair-after-read:2:throw,repair-after-publish:1:throw,repair-after-fence:1:throw',
      );
      const failures: unknown[] = [];
      const survivor = await openSurvivor({ onBackgroundFailure: (error) => failures.push(error) });
      await repaired(survivor, 1, 1);
      expect(failures).toHaveLength(4);
      await noneButSurvivors();
      expect(await intents()).toEqual([]);
      expect(await loggedEvents()).toEqual(await verifiedStream(survivor, aggregates[0]!));
    });

    it('several at once, under the eyes of several survivors: every event that is stored is published', async () => {
      const aggregates: string[] = [];
      for (const [when, name] of [
        ['after', INTENT],
        ['after', COMMIT],
        ['before', CLEAR],
        ['before', LOG],
      ] as const) {
        port = new WaywardPort(cassandra.port);
        aggregates.push(await kill(when, name));
      }
      const survivors = await Promise.all([openSurvivor(), openSurvivor()]);
      await until('the dead are buried', async () => (await instances()).length === survivors.length);
      expect(await intents()).toEqual([]);
      const stored: StoredEvent[] = [];
      for (const aggregateId of aggregates) stored.push(...(await verifiedStream(survivors[0]!, aggregateId)));
      expect(stored).toHaveLength(6);
      expect(new Set((await loggedEvents()).map(({ eventId }) => eventId))).toEqual(
        new Set(stored.map(({ eventId }) => eventId)),
      );
    });
  });

  it('a writer that was only paused: the fence defeats its late commit, and it goes on under another id', async () => {
    const writer = await openWayward();
    const [resume, paused] = [gate(), gate()];
    const pause: Misfortune = async (send) => {
      paused.open();
      await resume.opened;
      return send();
    };
    port.plan(COMMIT, pause);
    port.plan('writers.beat', pause, 1_000);
    const append = make.append(make.id());
    const appending = writer.append(append);
    await paused.opened;
    const [intent] = await intents();

    const survivor = await openSurvivor();
    await repaired(survivor, 0, 1);
    await noIntents();
    resume.open();

    expect(await appending).toMatchObject({ outcome: 'appended', firstSequence: 1 });
    expect(port.requests.filter((name) => name === COMMIT)).toHaveLength(2); // the first met the fence
    expect((await intents()).map((other) => other.instance_id)).not.toContain(intent!.instance_id);
    await writer.close();
    expect(await loggedEvents()).toEqual(await verifiedStream(survivor, append.aggregateId));
  });

  describe('a commit whose outcome is unknown', () => {
    it('and which got lost, is answered so, and forbidden by the writer’s own fence', async () => {
      const writer = await openWayward();
      const append = make.append(make.id(), { expected: 'none' });
      port.plan(COMMIT, lostBefore);
      expect(await writer.append(append)).toEqual({ outcome: 'unknown', cause: expect.any(CqlUnknownOutcomeError) });
      await until('it is decided', () => writer.writing!.undecidedAttempts === 0);
      expect(port.requests).toContain(FENCE);
      await noIntents();
      expect(await writer.append(append)).toMatchObject({ outcome: 'appended', firstSequence: 1 });
      await writer.close();
      expect(await loggedEvents()).toHaveLength(1);
    });

    it('and which was carried out, is found, published, and remembered', async () => {
      const writer = await openWayward();
      const append = make.append(make.id(), { expected: 'none' });
      port.plan(COMMIT, lostAfter);
      expect(await writer.append(append)).toMatchObject({ outcome: 'unknown' });
      expect(await writer.append(append)).toMatchObject({ outcome: 'remembered' });
      await until('it is published', () => writer.writing!.pendingAppends === 0);
      expect(await loggedEvents()).toEqual(await verifiedStream(writer, append.aggregateId));
      await writer.close();
      expect(await intents()).toEqual([]);
    });

    it('and which still waits somewhere, can no longer commit once it is decided', async () => {
      const writer = await openWayward();
      const append = make.append(make.id(), { expected: 'none' });
      const release = gate();
      let late: Promise<unknown> | undefined;
      port.plan(COMMIT, async (send) => {
        late = release.opened.then(send);
        throw lost();
      });
      expect(await writer.append(append)).toMatchObject({ outcome: 'unknown' });
      await until('it is decided', () => writer.writing!.undecidedAttempts === 0);
      await noIntents();
      release.open();
      expect(await late).toMatchObject({ applied: false });
      expect(await collect(writer.load(append.aggregateId))).toEqual([]);
      await writer.close();
    });

    it('and which another append has overtaken, is decided by the moved version', async () => {
      const survivor = await openSurvivor();
      const writer = await openWayward();
      const aggregateId = make.id();
      port.plan(COMMIT, async () => {
        await survivor.append(make.append(aggregateId));
        throw lost();
      });
      expect(await writer.append(make.append(aggregateId))).toMatchObject({ outcome: 'unknown' });
      await until('it is decided', () => writer.writing!.undecidedAttempts === 0);
      expect(port.requests).not.toContain(FENCE);
      await writer.close();
      expect(await loggedEvents()).toEqual(await verifiedStream(survivor, aggregateId));
    });

    it('as long as it is undecided, keeps its intent, also at shutdown; then another decides', async () => {
      const writer = await openWayward({ settings: { ...LETHARGIC, drainTimeoutMs: 300 } });
      const append = make.append(make.id());
      const refused: Misfortune = async () => {
        throw new StoreUnavailableError('away');
      };
      port.plan(COMMIT, async (send) => {
        port.plan(HEAD, refused, 1_000); // nobody can be asked
        return lostAfter(send);
      });
      expect(await writer.append(append)).toMatchObject({ outcome: 'unknown' });
      expect(writer.writing).toMatchObject({ undecidedAttempts: 1, pendingAppends: 1 });
      await writer.close();
      expect(await intents()).toHaveLength(1);
      expect(await instances()).toHaveLength(1);
      const survivor = await openSurvivor();
      await until('it is published', async () => (await loggedEvents()).length === 1);
      await noIntents();
      expect(await loggedEvents()).toEqual(await verifiedStream(survivor, append.aggregateId));
    });
  });

  describe('the change log', () => {
    it('is written again after a failure, each time with the time of then', async () => {
      const log = await cassandra.log();
      let writes = 0;
      const flaky: OutboxWriter = {
        write: async (events) => {
          writes += 1;
          await log.write(events);
          if (writes < 3) throw new StoreUnavailableError('away');
        },
      };
      const store = await openSurvivor({ outbox: flaky });
      const append = make.append(make.id());
      const startedAt = systemClock.monotonic();
      await store.append(append);
      await until('it is acknowledged', () => store.writing!.pendingAppends === 0);
      expect(systemClock.monotonic() - startedAt).toBeGreaterThan(200);
      const times = (await logged()).map((row) => Buffer.from(row.cdc$time as Uint8Array).toString('hex'));
      expect(new Set(times).size).toBe(3);
      expect(await loggedEvents()).toEqual(await verifiedStream(store, append.aggregateId));
    });

    it('is written again when the acknowledgement comes too late to count', async () => {
      const release = gate();
      let writes = 0;
      const slow: OutboxWriter = {
        write: async () => {
          writes += 1;
          if (writes === 1) await release.opened;
        },
      };
      const store = await openSurvivor({ outbox: slow, settings: { ...QUICK, outboxAckLimitMs: 100 } });
      await store.append(make.append(make.id()));
      await until('it is acknowledged', () => store.writing!.pendingAppends === 0);
      expect(writes).toBe(2);
      release.open();
    });

    it('when it takes no writes, lets so many appends wait, refuses the next before it is committed, and drains', async () => {
      const open = gate();
      const shut: OutboxWriter = { write: () => open.opened };
      const settings = { ...QUICK, maxPendingOutboxWrites: 3, outboxAckLimitMs: 60_000 };
      const store = await openSurvivor({ outbox: shut, settings });
      const ids = Array.from({ length: 3 }, () => make.id());
      for (const id of ids) expect(await store.append(make.append(id))).toMatchObject({ outcome: 'appended' });
      expect(store.writing).toMatchObject({ pendingAppends: 3 });
      const fourth = make.append(make.id());
      await expect(store.append(fourth)).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(await store.head(fourth.aggregateId)).toBeUndefined();
      expect(await intents()).toHaveLength(3);

      open.open();
      await until('it has drained', () => store.writing!.pendingAppends === 0);
      expect(await store.append(fourth)).toMatchObject({ outcome: 'appended' });
    });

    it('when it takes no writes until the drain has lasted long enough, leaves the intents to another', async () => {
      const never: OutboxWriter = { write: () => Promise.reject(new Error('away')) };
      const store = await cassandra.open({ outbox: never, settings: { ...LETHARGIC, drainTimeoutMs: 300 } });
      const append = make.append(make.id());
      await store.append(append);
      await store.close();
      expect(await intents()).toHaveLength(1);
      const survivor = await openSurvivor();
      await repaired(survivor, 1, 0);
      expect(await loggedEvents()).toEqual(await verifiedStream(survivor, append.aggregateId));
    });
  });
});
