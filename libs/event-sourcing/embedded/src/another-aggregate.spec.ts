import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AggregateLoader,
  CommandExecutor,
  createEventCodec,
  type Aggregate,
  type CommandRequest,
} from '@chronicle/event-sourcing-core';
import { AppendFactory, verifiedStream } from '@chronicle/event-sourcing-testing';
import { ManualClock, systemClock, systemEntropy, timestampText, uuidV7 } from '@chronicle/seams';
import { EmbeddedEventStore } from './embedded-event-store.js';
import { EmbeddedSnapshotStore } from './embedded-snapshot-store.js';
import { seatAggregate, type SeatCommand, type SeatRefusal, type SeatState } from './seat-aggregate.fixture.js';
import { seatEventContracts, type SeatEvent } from './seat-contracts.fixture.js';

/** All that a new type of aggregate takes: its contracts, its rules, and this registration. No table, no migration. */
const seat = {
  aggregate: seatAggregate satisfies Aggregate<SeatState, SeatCommand, SeatEvent, SeatRefusal>,
  codec: createEventCodec<SeatEvent>(seatEventContracts),
  clock: systemClock,
  entropy: systemEntropy,
};

describe('another type of aggregate, on the embedded engine', () => {
  const id = () => uuidV7(systemClock, systemEntropy);
  let dataDir: string;
  let store: EmbeddedEventStore;
  let snapshots: EmbeddedSnapshotStore;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'seats-'));
    await open();
  });
  afterEach(async () => {
    await close();
    await rm(dataDir, { recursive: true });
  });
  async function open() {
    store = await EmbeddedEventStore.open({ dataDir, mode: 'write', clock: systemClock });
    snapshots = await EmbeddedSnapshotStore.open({ dataDir });
  }
  async function close() {
    await store.close();
    await snapshots.close();
  }
  const seats = () => new CommandExecutor({ ...seat, store, snapshots, settings: { snapshotEvery: 5 } });

  function request(seatId: string, command: SeatCommand): CommandRequest<SeatState, SeatCommand> {
    const commandId = id();
    return {
      aggregateId: seatId,
      command,
      commandId,
      idempotency: { key: commandId, bodyHash: JSON.stringify(command) },
      correlationId: id(),
      userId: 'host',
      metadata: { commandId },
    };
  }

  it('takes commands, keeps its rules, remembers repeats and snapshots across restarts, and travels in time', async () => {
    const seatId = id();
    const executor = seats();
    const reserve = request(seatId, { type: 'ReserveSeat', guest: 'ada' });
    expect(await executor.execute(request(seatId, { type: 'ReserveSeat', guest: 'ada' }))).toEqual({
      outcome: 'refused',
      refusal: 'seat-not-found',
    });
    await executor.execute(request(seatId, { type: 'OfferSeat', seatId, row: 7 }));
    expect(await executor.execute(reserve)).toEqual({ outcome: 'accepted', version: 2, replayed: false });
    expect(await executor.execute(request(seatId, { type: 'ReserveSeat', guest: 'bob' }))).toEqual({
      outcome: 'refused',
      refusal: 'seat-taken',
    });
    for (const command of [
      { type: 'ReleaseSeat' },
      { type: 'ReserveSeat', guest: 'bob' },
      { type: 'ReleaseSeat' },
    ] as const) {
      await executor.execute(request(seatId, command));
    }
    await executor.drain();
    await close();
    await open();

    expect(await seats().execute(reserve)).toEqual({ outcome: 'accepted', version: 2, replayed: true });
    expect(await snapshots.newest(seatId, 99)).toMatchObject([{ sequenceNumber: 5, aggregateType: 'Seat' }]);
    const loader = new AggregateLoader({ ...seat, store, snapshots });
    expect(await loader.load(seatId)).toEqual({
      version: 5,
      state: { row: 7, guest: null, reservations: 2, version: 5 },
    });
    expect(await loader.load(seatId, { version: 2 })).toMatchObject({ state: { guest: 'ada', reservations: 1 } });
    expect(await verifiedStream(store, seatId)).toHaveLength(5);
  });

  it('reads events that were written before a field existed', async () => {
    const seatId = id();
    const make = new AppendFactory(new ManualClock());
    const events = [
      make.draft({ eventType: 'SeatOffered', eventData: JSON.stringify({ seatId, row: 1 }) }),
      make.draft({ eventType: 'SeatReserved', eventVersion: 1, eventData: '{"guest":"ada"}' }),
    ];
    const now = timestampText(systemClock.now());
    await store.append(make.append(seatId, { aggregateType: 'Seat', events, now }));
    const outcome = await seats().execute(request(seatId, { type: 'ReserveSeat', guest: 'bob' }));
    expect(outcome).toEqual({ outcome: 'refused', refusal: 'seat-taken' });
  });

  it('given many processes that reserve and release the same seats at once, then a seat is never taken twice', async () => {
    const stores = [store, await EmbeddedEventStore.open({ dataDir, mode: 'write', clock: systemClock })] as const;
    const executors = stores.map((own) => new CommandExecutor({ ...seat, store: own, snapshots }));
    const ids = [id(), id(), id()];
    for (const seatId of ids) await executors[0]!.execute(request(seatId, { type: 'OfferSeat', seatId, row: 1 }));

    const outcomes = await Promise.all(
      Array.from({ length: 240 }, (_, index) => {
        const command: SeatCommand =
          index % 2 ? { type: 'ReleaseSeat' } : { type: 'ReserveSeat', guest: `guest ${index}` };
        const seatId = ids[index % 3]!;
        return executors[index % 4 < 2 ? 0 : 1]!.execute(request(seatId, command));
      }),
    );

    let events = 0;
    for (const seatId of ids) {
      const types = (await verifiedStream(store, seatId)).map(({ eventType }) => eventType);
      expect(types).toEqual(
        types.map((_, index) => (index === 0 ? 'SeatOffered' : index % 2 ? 'SeatReserved' : 'SeatReleased')),
      );
      events += types.length - 1;
    }
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(events);
    for (const { outcome } of outcomes) expect(['accepted', 'refused', 'contended']).toContain(outcome);
    expect(events).toBeGreaterThan(0);
    await stores[1].close();
  });
});
