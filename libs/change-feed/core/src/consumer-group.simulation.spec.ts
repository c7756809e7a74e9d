import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { EventStore } from '@chronicle/event-sourcing-core';
import { ManualClock, seededEntropy } from '@chronicle/seams';
import type { Entropy } from '@chronicle/seams';
import type { AggregateRun, ConsumerHandler, HandledRun } from './consumer-handler.js';
import type { Advance, Checkpoint } from './consumer-store.js';
import { ConsumerWorker } from './consumer-worker.js';
import { InMemoryChangeFeed } from './in-memory-change-feed.js';
import { InMemoryConsumerStore } from './in-memory-consumer-store.js';
import { InMemoryGroupCoordination } from './in-memory-group-coordination.js';
import { History, eventOf, settled } from './log.fixture.js';

const SEEDS = 25;
const STEP_MS = 20;
/** How long trouble lasts, and how long the group then has to come to rest. */
const TROUBLE_MS = 60_000;
const QUIET_MS = 60_000;
const PROCESSES = 3;
const BUCKETS = 8;
const POISONED = 'a3';

/** How a process reaches what it shares with others; trouble sits here. */
type Line = 'open' | 'frozen' | 'dead';

/** One process of the group: a worker whose every call goes through a line that may be cut, slow, or lose its replies. */
class Process {
  line: Line = 'open';
  #thaw: (() => void)[] = [];

  constructor(
    readonly instanceId: string,
    private readonly world: World,
  ) {}

  worker!: ConsumerWorker<string>;

  thaw(): void {
    this.line = 'open';
    for (const go of this.#thaw.splice(0)) go();
  }

  /** `target` as this process reaches it. */
  through<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) =>
          this.#call(() => (member as (...given: unknown[]) => unknown).apply(target, given));
      },
    });
  }

  /** The history as this process reaches it. */
  async *load(...given: Parameters<History['load']>) {
    await this.#call(() => undefined);
    yield* this.world.history.load(...given);
  }

  async #call(call: () => unknown): Promise<unknown> {
    await this.#passLine();
    const dice = this.world.isTroubled ? this.world.entropy.fraction() : 1;
    if (dice < 0.01) throw new StoreUnavailableError('not sent');
    const answer = await call();
    await this.#passLine();
    if (dice < 0.02) throw new StoreUnavailableError('reply lost');
    return answer;
  }

  async #passLine(): Promise<void> {
    if (this.line === 'dead') return new Promise(() => undefined);
    if (this.line === 'frozen') await new Promise<void>((go) => this.#thaw.push(go));
  }
}

/** The store, which checks every commit against what must never happen. */
class CheckedStore extends InMemoryConsumerStore<string> {
  readonly #owners = new Map<number, { readonly epoch: number; readonly instanceId: string }>();

  constructor(private readonly world: World) {
    super(world.coordination, (aggregateId, effects) => world.apply(aggregateId, effects));
  }

  async commitBy(
    instanceId: string,
    advances: readonly Advance<string>[],
    checkpoints: readonly Checkpoint[],
  ): Promise<void> {
    await this.commit(advances, checkpoints);
    for (const { bucket, epoch } of [...advances, ...checkpoints]) this.#checkOwner(bucket, epoch, instanceId);
    for (const checkpoint of checkpoints) await this.#checkCheckpoint(checkpoint);
  }

  /** Per bucket, one owner makes progress per epoch, and none in an epoch that is over. */
  #checkOwner(bucket: number, epoch: number, instanceId: string): void {
    const last = this.#owners.get(bucket) ?? { epoch: 0, instanceId };
    if (epoch < last.epoch)
      this.world.wrong.push(`bucket ${bucket}: ${instanceId} writes in ${epoch} after ${last.epoch}`);
    if (epoch === last.epoch && instanceId !== last.instanceId) {
      this.world.wrong.push(`bucket ${bucket}: epoch ${epoch} is of ${last.instanceId} and ${instanceId}`);
    }
    this.#owners.set(bucket, { epoch, instanceId });
  }

  /** No checkpoint is past an event that neither took effect nor waits behind a parked one. */
  async #checkCheckpoint({ bucket, checkpoint }: Checkpoint): Promise<void> {
    const before = this.world.log
      .slice(0, Number(checkpoint))
      .filter((id) => this.world.feed.bucketOf(id.aggregateId) === bucket);
    const positions = await this.positions(before.map(({ aggregateId }) => aggregateId));
    for (const { aggregateId, sequenceNumber } of before) {
      const position = positions.get(aggregateId);
      if (position?.parked == null && (position?.sequence ?? 0) < sequenceNumber) {
        this.world.wrong.push(`checkpoint ${checkpoint} of bucket ${bucket} is past ${aggregateId} ${sequenceNumber}`);
      }
    }
  }
}

/** What the processes share, and the trouble they are in. */
class World {
  readonly clock = new ManualClock();
  readonly coordination = new InMemoryGroupCoordination(BUCKETS);
  readonly feed = new InMemoryChangeFeed(this.clock, BUCKETS);
  readonly history = new History(3);
  readonly applied = new Map<string, string[]>();
  readonly wrong: string[] = [];
  readonly log: { readonly aggregateId: string; readonly sequenceNumber: number }[] = [];
  readonly entropy: Entropy;
  readonly store: CheckedStore;
  readonly #versions = new Map<string, number>();
  #processes: Process[] = [];
  #started = 0;
  isTroubled = true;

  constructor(seed: number) {
    this.entropy = seededEntropy(seed);
    this.store = new CheckedStore(this);
  }

  apply(aggregateId: string, effects: readonly string[]): void {
    this.applied.set(aggregateId, [...(this.applied.get(aggregateId) ?? []), ...effects]);
  }

  async run(): Promise<void> {
    for (let index = 0; index < PROCESSES; index += 1) await this.#start();
    for (let passed = 0; passed < TROUBLE_MS; passed += STEP_MS) {
      if (this.#draws(0.3)) this.#write();
      if (this.#draws(0.01)) await this.#strike();
      await this.#step();
    }
    this.isTroubled = false;
    for (const [aggregateId, version] of this.#versions) this.#publish(eventOf(aggregateId, version));
    for (const process of this.#processes) process.thaw();
    for (let passed = 0; passed < QUIET_MS && !(await this.#isAtRest()); passed += STEP_MS) await this.#step();
  }

  /** What every aggregate's effects must be: all of its events, in order, once; of the poisoned one those before the poison. */
  expected(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      [...this.#versions].map(([id, version]) => {
        const last = id === POISONED ? Math.min(version, 4) : version;
        return [id, Array.from({ length: last }, (_, index) => `${id}-${index + 1}`)];
      }),
    );
  }

  async end(): Promise<void> {
    const stops = Promise.all(this.#processes.map((process) => process.worker.stop()));
    let isStopped = false;
    void stops.then(() => (isStopped = true));
    for (let step = 0; step < 2000 && !isStopped; step += 1) await this.#step();
    await stops;
  }

  async #isAtRest(): Promise<boolean> {
    const lag = await this.feed.lag(await this.store.checkpoints());
    const owners = new Set((await this.coordination.buckets()).map((row) => row.owner));
    return lag.events === 0 && owners.size === PROCESSES && !owners.has(null);
  }

  async #step(): Promise<void> {
    this.clock.advance(STEP_MS);
    await settled();
  }

  async #start(): Promise<void> {
    const process = new Process(`i${(this.#started += 1)}`, this);
    process.worker = new ConsumerWorker<string>({
      group: 'things',
      instanceId: process.instanceId,
      feed: this.feed,
      store: process.through(this.#storeOf(process.instanceId)) as unknown as InMemoryConsumerStore<string>,
      history: process as unknown as EventStore,
      coordination: process.through(this.coordination),
      handler: new TroubledHandler(this),
      clock: this.clock,
      entropy: this.entropy,
    });
    this.#processes.push(process);
    void process.worker.start();
    await settled();
  }

  #storeOf(instanceId: string) {
    const { store } = this;
    return {
      positions: (ids: readonly string[]) => store.positions(ids),
      checkpoints: () => store.checkpoints(),
      parked: (...wanted: Parameters<typeof store.parked>) => store.parked(...wanted),
      commit: (advances: readonly Advance<string>[], checkpoints: readonly Checkpoint[]) =>
        store.commitBy(instanceId, advances, checkpoints),
    };
  }

  /** The next event of some aggregate; the log may miss it, or have it late or twice. */
  #write(): void {
    const aggregateId = `a${Math.floor(this.entropy.fraction() * 12)}`;
    const sequenceNumber = (this.#versions.get(aggregateId) ?? 0) + 1;
    this.#versions.set(aggregateId, sequenceNumber);
    const event = eventOf(aggregateId, sequenceNumber);
    this.history.add(event);
    const isLost = this.#draws(0.05) && sequenceNumber > 1;
    if (!isLost) this.#publish(event);
    if (this.#draws(0.05)) this.#publish(event);
  }

  #publish(event: ReturnType<typeof eventOf>): void {
    this.log.push(event);
    this.feed.publish(event);
  }

  async #strike(): Promise<void> {
    const process = this.#processes[Math.floor(this.entropy.fraction() * this.#processes.length)]!;
    if (this.#draws(0.4)) {
      process.line = 'dead';
      if (this.#draws(0.5)) this.coordination.end(process.instanceId);
      this.#processes = this.#processes.filter((other) => other !== process);
      await this.#start();
    } else if (this.#draws(0.5)) {
      process.line = 'frozen';
    } else {
      for (const other of this.#processes) other.thaw();
    }
  }

  #draws(probability: number): boolean {
    return this.entropy.fraction() < probability;
  }
}

/** Fails now and then for one aggregate in a way that can pass, always for the poison. */
class TroubledHandler implements ConsumerHandler<string> {
  constructor(private readonly world: World) {}

  async handle(runs: readonly AggregateRun[]): Promise<readonly HandledRun<string>[]> {
    return runs.map((run) => this.#one(run));
  }

  #one({ aggregateId, events }: AggregateRun): HandledRun<string> {
    const poison = events.findIndex((event) => aggregateId === POISONED && event.sequenceNumber === 5);
    const passing = this.world.isTroubled && this.world.entropy.fraction() < 0.02 ? 0 : -1;
    const stop = passing === -1 ? poison : passing;
    const handled = stop === -1 ? events.length : stop;
    const effects = events.slice(0, handled).map((event) => event.eventId);
    const failure = { code: 'trouble', reason: 'trouble', retryable: stop === passing && stop !== poison };
    return { handled, state: null, effects, ...(stop !== -1 && { failure }) };
  }
}

describe('a consumer group in trouble', () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
    'given seed %i, then every event takes effect once and in order, and the group comes to rest',
    async (seed) => {
      const world = new World(seed);
      await world.run();
      expect(world.wrong).toEqual([]);
      expect(new Map([...world.applied].sort())).toEqual(new Map([...world.expected()].sort()));
      expect(
        (await world.store.parked()).map(({ aggregateId, sequenceNumber }) => [aggregateId, sequenceNumber]),
      ).toEqual([[POISONED, 5]]);
      const owners = (await world.coordination.buckets()).map((row) => row.owner);
      expect(new Set(owners).size).toBe(PROCESSES);
      await world.end();
    },
  );
});
