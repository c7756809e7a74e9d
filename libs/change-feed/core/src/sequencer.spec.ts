import { jest } from '@jest/globals';
import { ManualClock } from '@chronicle/seams';
import type { FeedSlice } from './change-feed.js';
import type { Position } from './consumer-store.js';
import { History, eventOf, streamOf } from './log.fixture.js';
import { Sequencer, WAITING_AGGREGATES_MAX } from './sequencer.js';
import type { SequencedRun } from './sequencer.js';
import type { WorkerObserver } from './worker-observer.js';
import { workerSettings } from './worker-settings.js';
import type { WorkerSettings } from './worker-settings.js';

const GRACE_MS = 200;

function given(settings: Partial<WorkerSettings> = {}) {
  const clock = new ManualClock();
  const history = new History();
  const positions = new Map<string, Position>();
  const healed: number[] = [];
  let repeats = 0;
  let reads = 0;
  const historyErrors: unknown[] = [];
  const observer: WorkerObserver = {
    holeHealed: ({ events }) => healed.push(events),
    repeatsDropped: (count) => (repeats += count),
  };
  const store = {
    positions: async (ids: readonly string[]) => {
      reads += ids.length;
      return new Map([...positions].filter(([id]) => ids.includes(id)));
    },
  };
  const sequencer = new Sequencer({
    store,
    history,
    bucketOf: () => 0,
    clock,
    settings: workerSettings({ holeGraceMs: GRACE_MS, ...settings }),
    observer,
    onHistory: (error) => void historyErrors.push(error),
  });
  sequencer.open(0);
  return {
    ...{ clock, history, positions, healed, sequencer, historyErrors },
    repeats: () => repeats,
    reads: () => reads,
  };
}

function slice(events: FeedSlice['events'], checkpoint: string | null = null): FeedSlice {
  return { bucket: 0, events, checkpoint };
}

function sequences(runs: readonly SequencedRun[]): readonly string[] {
  return runs.map((run) => `${run.aggregateId}:${run.events.map((event) => event.sequenceNumber).join(',')}`);
}

/** Settles every run as handled to its end. */
function handle(sequencer: Sequencer, runs: readonly SequencedRun[]): void {
  for (const run of runs) {
    sequencer.settle(run, { sequence: run.position.sequence + run.events.length, state: null, parked: null });
  }
}

describe('Sequencer', () => {
  it('given events in order, when taken, then they are one run of each aggregate, in order', async () => {
    const { sequencer } = given();
    const runs = await sequencer.take([slice([eventOf('a', 1), eventOf('b', 1), eventOf('a', 2)])]);
    expect(sequences(runs)).toEqual(['a:1,2', 'b:1']);
  });

  it('given a durable position, when its events come again, then they are dropped and counted', async () => {
    const { sequencer, positions, repeats } = given();
    positions.set('a', { sequence: 2, state: 'memory', parked: null });
    const runs = await sequencer.take([slice(streamOf('a', 3))]);
    expect(sequences(runs)).toEqual(['a:3']);
    expect(runs[0]!.position.state).toBe('memory');
    expect(repeats()).toBe(2);
  });

  it('given a position in memory, then the store is not asked again', async () => {
    const { sequencer, reads } = given();
    handle(sequencer, await sequencer.take([slice([eventOf('a', 1)])]));
    handle(sequencer, await sequencer.take([slice([eventOf('a', 2)])]));
    expect(reads()).toBe(1);
  });

  it('given an early event, when the missing one comes within the grace, then both are one run and nothing was healed', async () => {
    const { sequencer, history, healed } = given();
    expect(await sequencer.take([slice([eventOf('a', 2)])])).toEqual([]);
    const runs = await sequencer.take([slice([eventOf('a', 1)])]);
    expect(sequences(runs)).toEqual(['a:1,2']);
    expect([healed, history.reads]).toEqual([[], 0]);
  });

  it('given a hole older than the grace, then it is read from the event store, and counted', async () => {
    const { sequencer, history, clock, healed } = given();
    history.add(...streamOf('a', 3));
    await sequencer.take([slice([eventOf('a', 3)])]);
    expect(sequencer.openHoles()).toEqual({ count: 1, oldestMs: 0 });
    clock.advance(GRACE_MS - 1);
    expect(await sequencer.take([])).toEqual([]);
    clock.advance(1);
    expect(sequencer.openHoles()).toEqual({ count: 1, oldestMs: GRACE_MS });
    const runs = await sequencer.take([]);
    handle(sequencer, runs);
    expect(sequences(runs)).toEqual(['a:1,2,3']);
    expect(healed).toEqual([3]);
    expect(sequencer.openHoles()).toEqual({ count: 0, oldestMs: 0 });
  });

  it('given an event store that cannot be read, then the hole stays open, the others flow, and it is tried again later', async () => {
    const { sequencer, history, clock, historyErrors } = given();
    history.add(...streamOf('a', 2));
    history.failure = new Error('away');
    await sequencer.take([slice([eventOf('a', 2)])]);
    clock.advance(GRACE_MS);
    expect(sequences(await sequencer.take([slice([eventOf('b', 1)])]))).toEqual(['b:1']);
    expect(historyErrors).toEqual([history.failure]);
    history.failure = undefined;
    expect(await sequencer.take([])).toEqual([]);
    clock.advance(1000);
    expect(sequences(await sequencer.take([]))).toEqual(['a:1,2']);
  });

  it('given an event store that does not have the missing event yet, then nothing is skipped', async () => {
    const { sequencer, history, clock } = given();
    history.add(eventOf('a', 2), eventOf('a', 3));
    await sequencer.take([slice([eventOf('a', 3)])]);
    clock.advance(GRACE_MS);
    expect(await sequencer.take([])).toEqual([]);
    history.add(eventOf('a', 1));
    clock.advance(1000);
    expect(sequences(await sequencer.take([]))).toEqual(['a:1,2,3']);
  });

  it('given more early events than fit, then the rest is read from the event store when its turn has come', async () => {
    const { sequencer, history, clock } = given({ earlyEventsMax: 2 });
    history.add(...streamOf('a', 6));
    await sequencer.take([slice(streamOf('a', 6).slice(1))]);
    const first = await sequencer.take([slice([eventOf('a', 1)])]);
    expect(sequences(first)).toEqual(['a:1,2,3']);
    handle(sequencer, first);
    clock.advance(GRACE_MS);
    expect(sequences(await sequencer.take([]))).toEqual(['a:4,5,6']);
  });

  it('given a parked aggregate, then its later events are dropped and are no repeats', async () => {
    const { sequencer, positions, repeats } = given();
    const parked = { sequenceNumber: 2, eventType: 'T', code: 'c', reason: 'r', since: 's' };
    positions.set('a', { sequence: 1, state: null, parked });
    expect(await sequencer.take([slice(streamOf('a', 4).slice(1))])).toEqual([]);
    expect(repeats()).toBe(0);
  });

  it('given a run whose first event failed, then it comes again when its time has come, with what came meanwhile', async () => {
    const { sequencer, clock } = given();
    const [run] = await sequencer.take([slice(streamOf('a', 2))]);
    expect(sequencer.attempts(run!)).toBe(0);
    sequencer.settle(run!, run!.position, { attempts: 1, afterMs: 100 });
    expect(sequences(await sequencer.take([slice([eventOf('a', 3), eventOf('b', 1)])]))).toEqual(['b:1']);
    clock.advance(100);
    const [again] = await sequencer.take([]);
    expect(sequences([again!])).toEqual(['a:1,2,3']);
    expect(sequencer.attempts(again!)).toBe(1);
    handle(sequencer, [again!]);
    expect(sequencer.attempts(again!)).toBe(0);
  });

  it('given an aggregate that is parked while events of it wait, then it waits no more', async () => {
    const { sequencer, clock } = given();
    const [run] = await sequencer.take([slice(streamOf('a', 2), 'c1')]);
    sequencer.settle(run!, run!.position, { attempts: 1, afterMs: 100 });
    expect(sequencer.takeCheckpoints()).toEqual([]);
    clock.advance(100);
    const [again] = await sequencer.take([]);
    const parked = { sequenceNumber: 1, eventType: 'T', code: 'c', reason: 'r', since: 's' };
    sequencer.settle(again!, { sequence: 0, state: null, parked });
    expect(sequencer.takeCheckpoints()).toEqual([{ bucket: 0, checkpoint: 'c1' }]);
    clock.advance(1000);
    expect(await sequencer.take([])).toEqual([]);
  });

  it('given an early event, then no checkpoint from its slice on is saved, and those before are', async () => {
    const { sequencer } = given();
    handle(sequencer, await sequencer.take([slice([eventOf('a', 1)], 'c1'), slice([eventOf('b', 2)], 'c2')]));
    expect(sequencer.takeCheckpoints()).toEqual([{ bucket: 0, checkpoint: 'c1' }]);
    handle(sequencer, await sequencer.take([slice([eventOf('a', 2)], 'c3')]));
    expect(sequencer.takeCheckpoints()).toEqual([]);
    handle(sequencer, await sequencer.take([slice([eventOf('b', 1)], 'c4')]));
    expect(sequencer.takeCheckpoints()).toEqual([{ bucket: 0, checkpoint: 'c4' }]);
    expect(sequencer.takeCheckpoints()).toEqual([]);
  });

  it('given a failure in the first of two slices of a turn, then the checkpoint of neither is saved', async () => {
    const { sequencer } = given();
    const runs = await sequencer.take([slice([eventOf('a', 1)], 'c1'), slice([eventOf('b', 1)], 'c2')]);
    sequencer.settle(runs[0]!, runs[0]!.position, { attempts: 1, afterMs: 100 });
    handle(sequencer, runs.slice(1));
    expect(sequencer.takeCheckpoints()).toEqual([]);
  });

  it('given positions that cannot be read, then nothing has changed and the same slices can be taken again', async () => {
    const { sequencer, positions } = given();
    const broken = jest.spyOn(positions, Symbol.iterator).mockImplementationOnce(() => {
      throw new Error('away');
    });
    await expect(sequencer.take([slice([eventOf('a', 1)], 'c1')])).rejects.toThrow('away');
    broken.mockRestore();
    expect(sequences(await sequencer.take([slice([eventOf('a', 1)], 'c1')]))).toEqual(['a:1']);
  });

  it('given a bucket that was closed, then its slices are ignored, its waits are gone and its positions are read anew', async () => {
    const { sequencer, positions, clock } = given();
    handle(sequencer, await sequencer.take([slice([eventOf('a', 1), eventOf('b', 2)])]));
    sequencer.close(new Set([0]));
    clock.advance(GRACE_MS);
    expect(await sequencer.take([slice([eventOf('a', 2)])])).toEqual([]);
    sequencer.open(0);
    positions.set('a', { sequence: 5, state: null, parked: null });
    expect(sequences(await sequencer.take([slice([eventOf('a', 6)])]))).toEqual(['a:6']);
  });

  it('given a redrive outside of a run, then its position counts from then on', async () => {
    const { sequencer } = given();
    expect(await sequencer.position('a')).toEqual({ sequence: 0, state: null, parked: null });
    sequencer.moved('a', { sequence: 3, state: 'memory', parked: null });
    expect(await sequencer.position('a')).toEqual({ sequence: 3, state: 'memory', parked: null });
    expect(sequences(await sequencer.take([slice([eventOf('a', 4)])]))).toEqual(['a:4']);
  });

  it('given as many waiting aggregates as may wait, then it is full', async () => {
    const { sequencer } = given();
    await sequencer.take([
      slice(Array.from({ length: WAITING_AGGREGATES_MAX }, (_, index) => eventOf(`a${index}`, 2))),
    ]);
    expect(sequencer.full).toBe(true);
    expect(sequencer.openHoles().count).toBe(WAITING_AGGREGATES_MAX);
  });
});
