import { jest } from '@jest/globals';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { ManualClock, seededEntropy, timestampText } from '@chronicle/seams';
import type { AggregateRun, ConsumerHandler, HandledRun } from './consumer-handler.js';
import { PARKED_LISTED_MAX, type Advance, type Checkpoint } from './consumer-store.js';
import { ConsumerWorker } from './consumer-worker.js';
import { GroupNotAnsweringError } from './group-not-answering-error.js';
import { InMemoryChangeFeed } from './in-memory-change-feed.js';
import { InMemoryConsumerStore } from './in-memory-consumer-store.js';
import { InMemoryGroupCoordination } from './in-memory-group-coordination.js';
import { History, eventOf, pass, settled, streamOf, until } from './log.fixture.js';
import type { WorkerObserver } from './worker-observer.js';

interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
}

/** Remembers what it saw, fails for the events it is told to, and is away when it is told to be. */
class Handler implements ConsumerHandler<string> {
  readonly seen: string[] = [];
  readonly failures = new Map<string, Failure>();
  readonly sizes: number[] = [];
  away: Error | undefined;
  calls = 0;

  async handle(runs: readonly AggregateRun[]): Promise<readonly HandledRun<string>[]> {
    this.calls += 1;
    this.sizes.push(runs.reduce((sum, run) => sum + run.events.length, 0));
    if (this.away !== undefined) throw this.away;
    return runs.map((run) => this.#one(run));
  }

  #one({ position, events }: AggregateRun): HandledRun<string> {
    const effects: string[] = [];
    for (const [handled, event] of events.entries()) {
      const failure = this.failures.get(event.eventId);
      if (failure !== undefined) return { handled, state: stateAfter(position.sequence + handled), effects, failure };
      this.seen.push(event.eventId);
      effects.push(event.eventId);
    }
    return { handled: events.length, state: stateAfter(position.sequence + events.length), effects };
  }
}

function stateAfter(sequence: number): string {
  return `state after ${sequence}`;
}

/** The store with a switch: `failure` is what every commit throws. */
class Store extends InMemoryConsumerStore<string> {
  failure: Error | undefined;
  commits: { advances: readonly Advance<string>[]; checkpoints: readonly Checkpoint[] }[] = [];

  override async commit(advances: readonly Advance<string>[], checkpoints: readonly Checkpoint[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await super.commit(advances, checkpoints);
    this.commits.push({ advances, checkpoints });
  }
}

/** A consumer group: what is durable, and whatever processes a test starts over it. */
class Group {
  readonly clock = new ManualClock();
  readonly feed = new InMemoryChangeFeed(this.clock, 4);
  readonly coordination = new InMemoryGroupCoordination(4);
  readonly applied: string[] = [];
  readonly store = new Store(this.coordination, (_, effects) => this.applied.push(...effects));
  readonly history = new History(2);
  readonly told: string[] = [];
  readonly #workers: ConsumerWorker<string>[] = [];

  publish(...events: readonly StoredEvent[]): void {
    this.history.add(...events);
    this.feed.publish(...events);
  }

  async start(instanceId: string, handler: Handler): Promise<ConsumerWorker<string>> {
    const { clock, feed, coordination, store } = this;
    const worker = new ConsumerWorker<string>({
      ...{ group: 'things', instanceId, feed, coordination, store, handler, clock },
      history: this.history.asStore(),
      entropy: seededEntropy(7),
      observer: this.#observer(),
    });
    this.#workers.push(worker);
    await worker.start();
    return worker;
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) await this.finish(worker.stop());
  }

  /** What a promise comes to, while time passes. */
  async finish<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const end = () => (done = true);
    void promise.then(end, end);
    await until(this.clock, () => done);
    return promise;
  }

  positionOf(aggregateId: string) {
    return this.store.positions([aggregateId]).then((positions) => positions.get(aggregateId));
  }

  untilApplied(...eventIds: readonly string[]): Promise<void> {
    return until(this.clock, () => eventIds.every((eventId) => this.applied.includes(eventId)));
  }

  #observer(): WorkerObserver {
    return {
      parked: ({ aggregateId, code }) => this.told.push(`parked ${aggregateId} ${code}`),
      unparked: ({ aggregateId, sequence }) => this.told.push(`unparked ${aggregateId} ${sequence}`),
      skipped: ({ aggregateId, sequenceNumber, reason, userId }) =>
        this.told.push(`skipped ${aggregateId} ${sequenceNumber} ${reason} ${userId}`),
      retried: ({ aggregateId, attempt }) => this.told.push(`retried ${aggregateId} ${attempt}`),
      outage: ({ part }) => this.told.push(`outage ${part}`),
      recovered: ({ part }) => this.told.push(`recovered ${part}`),
    };
  }
}

const poison: Failure = { code: 'poison', reason: 'it is bad', retryable: false };
const passing: Failure = { code: 'busy', reason: 'not now', retryable: true };

describe('ConsumerWorker', () => {
  let group: Group;
  let handler: Handler;
  beforeEach(() => {
    group = new Group();
    handler = new Handler();
  });
  afterEach(async () => {
    handler.away = undefined;
    group.store.failure = undefined;
    await group.stop();
  });

  it('given events, then each takes effect once, in the order of its aggregate, and the checkpoints are saved', async () => {
    group.publish(eventOf('a', 1), eventOf('b', 1), eventOf('a', 2), eventOf('a', 2), eventOf('b', 2));
    const worker = await group.start('i1', handler);
    await group.untilApplied('a-2', 'b-2');
    expect(group.applied.filter((id) => id.startsWith('a'))).toEqual(['a-1', 'a-2']);
    expect(group.applied.filter((id) => id.startsWith('b'))).toEqual(['b-1', 'b-2']);
    expect(await group.positionOf('a')).toEqual({ sequence: 2, state: 'state after 2', parked: null });
    const status = await worker.status();
    expect(status).toEqual({
      group: 'things',
      paused: false,
      buckets: [0, 1, 2, 3],
      lag: { events: 0, ms: 0 },
      parked: 0,
      checkpoint: { [group.feed.bucketOf('a')]: '5', [group.feed.bucketOf('b')]: '5' },
    });
    expect(worker.bucketsHeld()).toBe(4);
    expect(worker.openHoles()).toEqual({ count: 0, oldestMs: 0 });
  });

  it('given a restart, then it goes on where it was and nothing takes effect twice', async () => {
    group.publish(...streamOf('a', 3));
    const first = await group.start('i1', handler);
    await group.untilApplied('a-3');
    await group.finish(first.stop());
    group.publish(eventOf('a', 2), eventOf('a', 3), eventOf('a', 4));
    await group.start('i2', handler);
    await group.untilApplied('a-4');
    expect(group.applied).toEqual(['a-1', 'a-2', 'a-3', 'a-4']);
  });

  it('given a process that dies between handling and commit, then its successor handles the batch again', async () => {
    group.publish(...streamOf('a', 2));
    group.store.failure = new StoreUnavailableError('away');
    await group.start('i1', handler);
    await until(group.clock, () => handler.calls === 1);
    group.coordination.end('i1');
    await group.start('i2', handler);
    group.store.failure = undefined;
    await group.untilApplied('a-2');
    expect(handler.seen).toEqual(['a-1', 'a-2', 'a-1', 'a-2']);
    expect(group.applied).toEqual(['a-1', 'a-2']);
  });

  it('given a hole in the log, then it is healed from the event store', async () => {
    group.history.add(...streamOf('a', 3));
    group.feed.publish(eventOf('a', 3));
    await group.start('i1', handler);
    await group.untilApplied('a-1', 'a-2', 'a-3');
    expect(group.applied).toEqual(['a-1', 'a-2', 'a-3']);
  });

  it('given a group that is far behind, then several pages are one commit, and the handler is given no more than a page at once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `a${index}`);
    for (const half of [0, 1]) {
      for (const id of ids) group.publish(...streamOf(id, 60).slice(half * 30, half * 30 + 30));
    }
    await group.start('i1', handler);
    await until(group.clock, () => group.applied.length === 3000);
    expect(handler.sizes).toEqual([960, 960, 960, 120]);
    expect(group.store.commits.map(({ advances }) => advances.length)).toEqual([50]);
  });

  describe('when an event fails', () => {
    it('given one that no attempt can help, then its aggregate is parked at once and all others flow', async () => {
      handler.failures.set('a-2', poison);
      group.publish(...streamOf('a', 3), ...streamOf('b', 2));
      const worker = await group.start('i1', handler);
      await group.untilApplied('b-2');
      group.publish(eventOf('a', 4), eventOf('b', 3));
      await group.untilApplied('b-3');
      expect(group.applied.filter((id) => id.startsWith('a'))).toEqual(['a-1']);
      const since = (await worker.parked())[0]!.since;
      const parking = { sequenceNumber: 2, eventType: 'ThingDone', code: 'poison', reason: 'it is bad', since };
      expect(await worker.parked()).toEqual([{ aggregateId: 'a', ...parking }]);
      expect(await group.positionOf('a')).toEqual({ sequence: 1, state: 'state after 1', parked: parking });
      expect((await worker.status()).parked).toBe(1);
      expect((await worker.status()).lag.events).toBe(0);
    });

    it('given one that can pass, then it is tried five times, without holding up others, and then parked', async () => {
      handler.failures.set('a-1', passing);
      group.publish(eventOf('a', 1));
      const worker = await group.start('i1', handler);
      await until(group.clock, () => group.told.includes('retried a 1'));
      group.publish(eventOf('b', 1), eventOf('a', 2));
      await until(group.clock, () => group.applied.includes('b-1'), 100);
      await until(group.clock, () => group.told.includes('parked a busy'), 3500);
      expect(group.told).toEqual(['retried a 1', 'retried a 2', 'retried a 3', 'retried a 4', 'parked a busy']);
      expect((await worker.status()).parked).toBe(1);
    });

    it('given one that passes at the third attempt, then it and what waited behind it take effect, in order', async () => {
      handler.failures.set('a-2', passing);
      group.publish(...streamOf('a', 2));
      await group.start('i1', handler);
      await until(group.clock, () => group.told.includes('retried a 2'));
      group.publish(eventOf('a', 3));
      handler.failures.clear();
      await group.untilApplied('a-3');
      expect(group.applied).toEqual(['a-1', 'a-2', 'a-3']);
    });

    it('given a process that dies while an event is being tried, then its successor tries it: no checkpoint went past it', async () => {
      handler.failures.set('a-1', passing);
      group.publish(eventOf('a', 1));
      const first = await group.start('i1', handler);
      await until(group.clock, () => group.told.includes('retried a 1'));
      await group.finish(first.stop());
      handler.failures.clear();
      await group.start('i2', handler);
      await group.untilApplied('a-1');
    });
  });

  describe('when nothing can be handled', () => {
    it('given a handler that is away, then the batch is repeated until it is back, health says so and nothing is parked', async () => {
      handler.away = new Error('broker away');
      group.publish(...streamOf('a', 2));
      const worker = await group.start('i1', handler);
      await pass(group.clock, 60_000, 50);
      expect(handler.calls).toBeGreaterThan(10);
      expect(worker.health().filter((one) => !one.up)).toEqual([{ part: 'handler', up: false, reason: 'broker away' }]);
      handler.away = undefined;
      await group.untilApplied('a-2');
      expect(await worker.parked()).toEqual([]);
      expect(worker.health().every((one) => one.up)).toBe(true);
      expect(group.told).toEqual(['outage handler', 'recovered handler']);
    });

    it('given a store that is away, then the commit is repeated, and the batch is not handled again', async () => {
      group.store.failure = new StoreUnavailableError('disk full');
      group.publish(...streamOf('a', 2));
      const worker = await group.start('i1', handler);
      await pass(group.clock, 20_000, 50);
      expect(worker.health().filter((one) => !one.up)).toEqual([
        { part: 'consumer-store', up: false, reason: 'disk full' },
      ]);
      group.store.failure = undefined;
      await group.untilApplied('a-2');
      expect(handler.calls).toBe(1);
    });

    it('given an outage, when it stops, then it ends in time and leaves the batch to its successor', async () => {
      handler.away = new Error('broker away');
      group.publish(...streamOf('a', 2));
      const worker = await group.start('i1', handler);
      await pass(group.clock, 1000);
      await group.finish(worker.stop());
      expect((await group.coordination.buckets()).every((row) => row.owner === null)).toBe(true);
      handler.away = undefined;
      await group.start('i2', handler);
      await group.untilApplied('a-2');
    });

    it('given an outage, when the group is paused, then it rests, and goes on after the resume', async () => {
      handler.away = new Error('broker away');
      group.publish(eventOf('a', 1));
      const worker = await group.start('i1', handler);
      await pass(group.clock, 1000);
      await group.finish(worker.pause());
      const { calls } = handler;
      await pass(group.clock, 30_000, 50);
      expect(handler.calls).toBe(calls);
      handler.away = undefined;
      await group.finish(worker.resume());
      await group.untilApplied('a-1');
    });

    it('given a bucket that was taken away in the middle of an outage, then its events are left to the new owner', async () => {
      handler.away = new Error('broker away');
      group.publish(eventOf('a', 1), eventOf('b', 1));
      await group.start('i1', handler);
      await pass(group.clock, 1000);
      const bucket = group.feed.bucketOf('a');
      expect(group.feed.bucketOf('b')).not.toBe(bucket);
      await group.coordination.beat({ instanceId: 'thief', beat: 1, controlRevision: 0 });
      await group.coordination.take((await group.coordination.buckets())[bucket]!, 'thief');
      await pass(group.clock, 1000);
      handler.away = undefined;
      await group.untilApplied('b-1');
      expect(handler.seen).toEqual(['b-1']);
    });

    it('given a bucket that is lost at the commit, then what belongs to others is committed without it', async () => {
      group.store.failure = new StoreUnavailableError('away');
      group.publish(eventOf('a', 1), eventOf('b', 1));
      await group.start('i1', handler);
      await until(group.clock, () => handler.calls === 1);
      const bucket = group.feed.bucketOf('a');
      await group.coordination.beat({ instanceId: 'thief', beat: 1, controlRevision: 0 });
      await group.coordination.take((await group.coordination.buckets())[bucket]!, 'thief');
      group.store.failure = undefined;
      await group.untilApplied('b-1');
      expect(group.applied).toEqual(['b-1']);
    });

    it('given a log that cannot be read, then health says so until it can', async () => {
      const worker = await group.start('i1', handler);
      const failing = jest
        .spyOn(group.feed.reader().constructor.prototype, 'next')
        .mockRejectedValue(new Error('log away'));
      await until(group.clock, () => worker.health().some((one) => one.part === 'change-feed' && !one.up));
      failing.mockRestore();
      group.publish(eventOf('a', 1));
      await group.untilApplied('a-1');
      expect(worker.health().every((one) => one.up)).toBe(true);
    });

    it('given a coordination that is away from the start, then nothing is handled until it is back', async () => {
      const control = jest.spyOn(group.coordination, 'control').mockRejectedValue(new StoreUnavailableError('away'));
      const beat = jest.spyOn(group.coordination, 'beat').mockRejectedValue(new StoreUnavailableError('away'));
      group.publish(eventOf('a', 1));
      const worker = await group.start('i1', handler);
      await pass(group.clock, 5000, 50);
      expect(handler.calls).toBe(0);
      expect(
        worker
          .health()
          .filter((one) => !one.up)
          .map((one) => one.part),
      ).toEqual(['coordination']);
      for (const away of [control, beat]) away.mockRestore();
      await group.untilApplied('a-1');
    });
  });

  describe('when the group is paused', () => {
    it('then nothing is handled, lag grows, and it goes on after the resume', async () => {
      const worker = await group.start('i1', handler);
      await group.finish(worker.pause());
      group.publish(eventOf('a', 1, { timestamp: timestampText(group.clock.now()) }));
      await pass(group.clock, 2000);
      const status = await worker.status();
      expect([status.paused, status.lag]).toEqual([true, { events: 1, ms: 2000 }]);
      expect(handler.calls).toBe(0);
      await group.finish(worker.pause());
      await group.finish(worker.resume());
      expect((await worker.status()).paused).toBe(false);
      await group.untilApplied('a-1');
    });

    it('then it outlives a restart', async () => {
      const first = await group.start('i1', handler);
      await group.finish(first.pause());
      await group.finish(first.stop());
      group.publish(eventOf('a', 1));
      const second = await group.start('i2', handler);
      await pass(group.clock, 2000);
      expect(handler.calls).toBe(0);
      await group.finish(second.resume());
      await group.untilApplied('a-1');
    });

    it('then every live replica rests before pause answers', async () => {
      const first = await group.start('i1', handler);
      const other = new Handler();
      await group.start('i2', other);
      await pass(group.clock, 2000);
      await group.finish(first.pause());
      group.publish(...['a', 'b', 'c', 'd'].map((id) => eventOf(id, 1)));
      await pass(group.clock, 1000);
      expect([handler.calls, other.calls]).toEqual([0, 0]);
    });

    it('given a replica that does not answer, then the caller is told after a bounded wait', async () => {
      const worker = await group.start('i1', handler);
      let beat = 0;
      const deaf = () => ({ instanceId: 'deaf', beat: (beat += 1), controlRevision: 0, ended: false });
      const seen = jest.spyOn(group.coordination, 'instances').mockImplementation(async () => [deaf()]);
      await expect(group.finish(worker.pause())).rejects.toThrow(new GroupNotAnsweringError('things', 'pause', 15_000));
      seen.mockRestore();
    });
  });

  describe('when a person decides about a parked aggregate', () => {
    /** a is parked at its second event; three more wait. */
    async function givenParked(): Promise<ConsumerWorker<string>> {
      handler.failures.set('a-2', poison);
      group.publish(...streamOf('a', 5));
      const worker = await group.start('i1', handler);
      await until(group.clock, async () => (await worker.status()).parked === 1);
      group.told.length = 0;
      return worker;
    }

    it('given the cause is gone, when redriven, then everything that waited takes effect, in order, once', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      expect(await group.finish(worker.redrive('a', 'eve'))).toBe('done');
      expect(group.applied).toEqual(['a-1', 'a-2', 'a-3', 'a-4', 'a-5']);
      expect(await group.positionOf('a')).toEqual({ sequence: 5, state: 'state after 5', parked: null });
      expect(group.told).toEqual(['unparked a 5']);
      group.publish(eventOf('a', 6));
      await group.untilApplied('a-6');
    });

    it('given the cause is still there, when redriven, then it is parked anew, since when it was, with today’s reason', async () => {
      const worker = await givenParked();
      const [before] = await worker.parked();
      handler.failures.set('a-2', { ...passing, reason: 'still not' });
      await pass(group.clock, 1000);
      expect(await group.finish(worker.redrive('a', null))).toBe('done');
      expect(await worker.parked()).toEqual([{ ...before, code: 'busy', reason: 'still not' }]);
      expect(group.applied).toEqual(['a-1']);
    });

    it('given a later event that fails, when redriven, then it is parked there, and what is before has taken effect', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      handler.failures.set('a-5', poison);
      expect(await group.finish(worker.redrive('a', null))).toBe('done');
      expect(group.applied).toEqual(['a-1', 'a-2', 'a-3', 'a-4']);
      expect((await worker.parked()).map((one) => one.sequenceNumber)).toEqual([5]);
    });

    it('when skipped, then that one event never takes effect and what waited does', async () => {
      const worker = await givenParked();
      expect(await group.finish(worker.skip('a', 'known to be wrong', 'eve'))).toBe('done');
      expect(group.applied).toEqual(['a-1', 'a-3', 'a-4', 'a-5']);
      expect(group.told).toEqual(['skipped a 2 known to be wrong eve', 'unparked a 5']);
    });

    it('when its last event is skipped, then the position moves past it and later ones take effect', async () => {
      handler.failures.set('a-2', poison);
      group.publish(...streamOf('a', 2));
      const worker = await group.start('i1', handler);
      await until(group.clock, async () => (await worker.status()).parked === 1);
      await group.finish(worker.skip('a', 'wrong', null));
      expect(await group.positionOf('a')).toEqual({ sequence: 2, state: 'state after 1', parked: null });
      group.publish(eventOf('a', 3));
      await group.untilApplied('a-3');
    });

    it('given a skip that is asked for twice at once, then only the one event is skipped', async () => {
      const worker = await givenParked();
      handler.failures.set('a-3', poison);
      const skips = Promise.all([worker.skip('a', 'wrong', null), worker.skip('a', 'wrong', null)]);
      expect(await group.finish(skips)).toEqual(['done', 'done']);
      expect((await worker.parked()).map((one) => one.sequenceNumber)).toEqual([3]);
    });

    it('given an aggregate that is not parked, or unknown, then nothing is done', async () => {
      const worker = await givenParked();
      expect(await group.finish(worker.redrive('b', null))).toBe('not-parked');
      group.publish(eventOf('c', 1));
      await group.untilApplied('c-1');
      expect(await group.finish(worker.skip('c', 'why', null))).toBe('not-parked');
    });

    it('given a paused group, when redriven, then it is carried out: it is an order for this one', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      await group.finish(worker.pause());
      expect(await group.finish(worker.redrive('a', null))).toBe('done');
      expect(group.applied).toContain('a-5');
    });

    it('given any replica is asked, then the owner of its bucket carries it out', async () => {
      await givenParked();
      handler.failures.clear();
      const second = await group.start('i2', handler);
      await pass(group.clock, 3000);
      const third = await group.start('i3', handler);
      await pass(group.clock, 3000);
      expect(await group.finish(third.redrive('a', null))).toBe('done');
      expect(group.applied).toContain('a-5');
      expect(await second.parked()).toEqual([]);
    });

    it('given a handler that is away, then the caller is told after a bounded wait, and the order is carried out later', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      handler.away = new Error('broker away');
      await expect(group.finish(worker.redrive('a', null))).rejects.toBeInstanceOf(GroupNotAnsweringError);
      handler.away = undefined;
      await group.untilApplied('a-5');
    });

    it('given a store that fails in the middle of it, then it stays parked and is carried out later, whole', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      group.store.failure = new StoreUnavailableError('away');
      const redrive = worker.redrive('a', null);
      await pass(group.clock, 2000);
      expect((await worker.parked()).length).toBe(1);
      group.store.failure = undefined;
      expect(await group.finish(redrive)).toBe('done');
      expect(group.applied).toEqual(['a-1', 'a-2', 'a-3', 'a-4', 'a-5']);
    });

    it('given a result that cannot be written, then it is written later, and says done', async () => {
      const worker = await givenParked();
      handler.failures.clear();
      const away = jest.spyOn(group.coordination, 'complete').mockRejectedValueOnce(new StoreUnavailableError('away'));
      expect(await group.finish(worker.redrive('a', null))).toBe('done');
      away.mockRestore();
    });

    it('given the worker stops while somebody waits, then the caller is told', async () => {
      const worker = await givenParked();
      handler.away = new Error('away');
      const redrive = worker.redrive('a', null);
      const told = expect(redrive).rejects.toBeInstanceOf(GroupNotAnsweringError);
      await pass(group.clock, 500);
      await group.finish(worker.stop());
      await told;
    });
  });

  it('given an aggregate parked for an event unknown to an older build, when a newer one starts, then it goes on by itself', async () => {
    handler.failures.set('a-2', { code: 'unknown-event', reason: 'what is this', retryable: false });
    handler.failures.set('b-1', poison);
    group.publish(...streamOf('a', 3), eventOf('b', 1));
    const old = await group.start('old', handler);
    await until(group.clock, async () => (await old.status()).parked === 2);
    await group.finish(old.stop());
    handler.failures.clear();
    await group.start('new', handler);
    await group.untilApplied('a-3');
    expect((await group.store.parked()).map((one) => one.aggregateId)).toEqual(['b']);
  });

  it('given that, and a store that fails just then, then it goes on by itself all the same', async () => {
    handler.failures.set('a-1', { code: 'unknown-event', reason: 'what is this', retryable: false });
    group.publish(eventOf('a', 1));
    const old = await group.start('old', handler);
    await until(group.clock, async () => (await old.status()).parked === 1);
    await group.finish(old.stop());
    handler.failures.clear();
    const away = jest.spyOn(group.store, 'parked').mockRejectedValueOnce(new StoreUnavailableError('away'));
    await group.start('new', handler);
    await group.untilApplied('a-1');
    away.mockRestore();
  });

  it('given more of them than one list shows, behind others that cannot pass, then all of them go on', async () => {
    const ids = Array.from({ length: PARKED_LISTED_MAX + 1 }, (_, index) => `unknown-${index}`);
    const poisoned = ids.map((id) => `poison-${id}`);
    for (const id of ids) handler.failures.set(`${id}-1`, { code: 'unknown-event', reason: 'what', retryable: false });
    for (const id of poisoned) handler.failures.set(`${id}-1`, poison);
    group.publish(...[...poisoned, ...ids].map((id) => eventOf(id, 1)));
    const old = await group.start('old', handler);
    await until(group.clock, async () => (await old.status()).parked === 2 * ids.length);
    await group.finish(old.stop());
    for (const id of ids) handler.failures.delete(`${id}-1`);
    const worker = await group.start('new', handler);
    await until(group.clock, async () => (await worker.status()).parked === poisoned.length);
    expect(new Set(group.applied)).toEqual(new Set(ids.map((id) => `${id}-1`)));
  });

  it('given an older build again, then it tries once and leaves it parked', async () => {
    handler.failures.set('a-1', { code: 'unknown-event', reason: 'what is this', retryable: false });
    group.publish(eventOf('a', 1));
    const first = await group.start('i1', handler);
    await until(group.clock, async () => (await first.status()).parked === 1);
    await group.finish(first.stop());
    const { calls } = handler;
    await group.start('i2', handler);
    await pass(group.clock, 3000);
    expect(handler.calls).toBe(calls + 1);
    expect(await group.store.parkedCount()).toBe(1);
  });

  it('given two replicas, then each event takes effect once, whoever has its bucket', async () => {
    const other = new Handler();
    await group.start('i1', handler);
    group.publish(...['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) => streamOf(id, 3)));
    await group.start('i2', other);
    await pass(group.clock, 2000);
    group.publish(...['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) => [4, 5].map((sequence) => eventOf(id, sequence))));
    await group.untilApplied('a-5', 'b-5', 'c-5', 'd-5', 'e-5', 'f-5');
    expect([...group.applied].sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) => [1, 2, 3, 4, 5].map((n) => `${id}-${n}`)),
    );
    expect(other.seen.length).toBeGreaterThan(0);
  });

  it('when it stops, then it has left the group and saved its checkpoints', async () => {
    group.publish(eventOf('a', 1));
    const worker = await group.start('i1', handler);
    await group.untilApplied('a-1');
    await group.finish(worker.stop());
    expect(await group.coordination.instances()).toEqual([]);
    expect((await group.store.checkpoints()).get(group.feed.bucketOf('a'))).toBe('1');
    await settled();
  });
});
