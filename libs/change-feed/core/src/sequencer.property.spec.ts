import { ManualClock } from '@chronicle/seams';
import fc from 'fast-check';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { FeedSlice } from './change-feed.js';
import type { Position } from './consumer-store.js';
import { History, eventOf, streamOf } from './log.fixture.js';
import { Sequencer } from './sequencer.js';
import { workerSettings } from './worker-settings.js';

const BUCKETS = 2;
const bucketOf = (aggregateId: string) => Number(aggregateId) % BUCKETS;

/** What may happen to one run or turn, besides everything going well. */
interface Mishap {
  /** The turn at which it happens. */
  readonly turn: number;
  readonly kind: 'retry' | 'retry-after-one' | 'crash' | 'history-away';
}

const deliveries = fc.array(fc.record({ aggregate: fc.nat(3), sequence: fc.integer({ min: 1, max: 9 }) }), {
  maxLength: 60,
});
const mishaps = fc.array(
  fc.record({
    turn: fc.nat(20),
    kind: fc.constantFrom<Mishap['kind']>('retry', 'retry-after-one', 'crash', 'history-away'),
  }),
  { maxLength: 6 },
);

/**
 * Delivers a log of late, early, repeated and missing events, in slices, to a sequencer with hardly any memory, whose handler
 * fails and whose process dies now and then, and checks after every turn what must never happen.
 */
class Simulation {
  readonly #clock = new ManualClock();
  readonly #history = new History(2);
  readonly #durable = new Map<string, Position>();
  readonly #saved = new Map<number, number>();
  readonly #seen = new Map<string, number[]>();
  #cursors = new Map<number, number>();
  #sequencer: Sequencer;
  #turn = 0;

  constructor(
    private readonly log: readonly StoredEvent[],
    private readonly sliceSize: number,
    private readonly mishaps: readonly Mishap[],
  ) {
    for (const event of log) this.#history.add(...streamOf(event.aggregateId, 9));
    this.#sequencer = this.#restart();
  }

  async run(): Promise<void> {
    for (; this.#turn < 400 && !this.#isDone(); this.#turn += 1) {
      this.#history.failure = this.#strikes('history-away') ? new Error('away') : undefined;
      await this.#takeTurn();
      if (this.#strikes('crash')) this.#sequencer = this.#restart();
      this.#clock.advance(50);
    }
    expect(this.#isDone()).toBe(true);
  }

  #restart(): Sequencer {
    const sequencer = new Sequencer({
      store: { positions: async (ids) => new Map([...this.#durable].filter(([id]) => ids.includes(id))) },
      history: this.#history,
      bucketOf,
      clock: this.#clock,
      settings: workerSettings({ cachedPositionsMax: 3, earlyEventsMax: 4 }),
      observer: {},
      onHistory: () => undefined,
    });
    this.#cursors = new Map();
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      sequencer.open(bucket);
      this.#cursors.set(bucket, this.#saved.get(bucket) ?? 0);
    }
    return sequencer;
  }

  async #takeTurn(): Promise<void> {
    const runs = await this.#sequencer.take(this.#nextSlices());
    const steps: [string, Position][] = [];
    for (const [index, run] of runs.entries()) {
      const fails = index === 0 && (this.#strikes('retry') || this.#strikes('retry-after-one'));
      const handled = !fails ? run.events.length : this.#strikes('retry') ? 0 : 1;
      for (const event of run.events.slice(0, handled)) this.#see(event);
      const position = { sequence: run.position.sequence + handled, state: null, parked: null };
      const retry = fails && handled < run.events.length ? { attempts: 1, afterMs: 100 } : undefined;
      this.#sequencer.settle(run, position, retry);
      steps.push([run.aggregateId, position]);
    }
    const checkpoints = this.#sequencer.takeCheckpoints();
    for (const [aggregateId, position] of steps) this.#durable.set(aggregateId, position);
    for (const { bucket, checkpoint } of checkpoints) this.#save(bucket, Number(checkpoint));
  }

  #nextSlices(): readonly FeedSlice[] {
    return [...this.#cursors].flatMap(([bucket, from]) => {
      const to = Math.min(this.log.length, from + this.sliceSize);
      this.#cursors.set(bucket, to);
      const events = this.log.slice(from, to).filter((event) => bucketOf(event.aggregateId) === bucket);
      return to === from ? [] : [{ bucket, events, checkpoint: String(to) }];
    });
  }

  /** The handler sees the events of an aggregate in order, without gap, each once. */
  #see(event: StoredEvent): void {
    const seen = this.#seen.get(event.aggregateId) ?? [];
    expect(event.sequenceNumber).toBe(seen.length + 1);
    this.#seen.set(event.aggregateId, [...seen, event.sequenceNumber]);
  }

  /** A checkpoint never goes back, and never past an event that was not handled. */
  #save(bucket: number, checkpoint: number): void {
    expect(checkpoint).toBeGreaterThan(this.#saved.get(bucket) ?? 0);
    const before = this.log.slice(0, checkpoint).filter((event) => bucketOf(event.aggregateId) === bucket);
    expect(before.filter((event) => event.sequenceNumber > this.#sequenceOf(event.aggregateId))).toEqual([]);
    this.#saved.set(bucket, checkpoint);
  }

  #sequenceOf(aggregateId: string): number {
    return this.#durable.get(aggregateId)?.sequence ?? 0;
  }

  #strikes(kind: Mishap['kind']): boolean {
    return this.mishaps.some((mishap) => mishap.turn === this.#turn && mishap.kind === kind);
  }

  /** Everything that the log names is handled, and the checkpoints say so. */
  #isDone(): boolean {
    if (this.#turn < 21) return false;
    const isHandled = this.log.every((event) => event.sequenceNumber <= this.#sequenceOf(event.aggregateId));
    const isSaved = [...this.#cursors.keys()].every((bucket) => (this.#saved.get(bucket) ?? 0) === this.log.length);
    return isHandled && isSaved;
  }
}

describe('Sequencer, whatever the log delivers', () => {
  it('hands every event out once and in order, and saves no checkpoint past an unhandled one', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, fc.integer({ min: 1, max: 7 }), mishaps, async (delivered, sliceSize, struck) => {
        const log = delivered.map(({ aggregate, sequence }) => eventOf(String(aggregate), sequence));
        await new Simulation(log, sliceSize, struck).run();
      }),
      { numRuns: 500 },
    );
  });
});
