import { ConsumerWorker } from '@chronicle/change-feed-core';
import type { AggregateRun, ConsumerHandler, HandledRun, WorkerObserver } from '@chronicle/change-feed-core';
import { systemClock as clock, systemEntropy as entropy, uuidV7 } from '@chronicle/seams';
import type { CassandraFeed } from './cassandra-feed.fixture.js';
import type { CqlChangeFeed } from './cql-change-feed.js';
import { CqlConsumerStore } from './cql-consumer-store.js';
import { CqlGroupCoordination } from './cql-group-coordination.js';

const WITHIN_MS = 30_000;
let groups = 0;

/** A consumer group of real workers, whose handler notes what it is given. */
export class WorkerGroup implements ConsumerHandler {
  readonly group = `workers-${(groups += 1)}`;
  /** The sequence numbers handled, by aggregate, in order. */
  readonly handled = new Map<string, number[]>();
  readonly #workers: ConsumerWorker[] = [];

  constructor(
    private readonly cassandra: CassandraFeed,
    private readonly feed: CqlChangeFeed,
    private readonly observer: WorkerObserver = {},
  ) {}

  async handle(runs: readonly AggregateRun[]): Promise<readonly HandledRun<never>[]> {
    return runs.map(({ aggregateId, events }) => {
      const handled = this.handled.get(aggregateId) ?? [];
      handled.push(...events.map(({ sequenceNumber }) => sequenceNumber));
      this.handled.set(aggregateId, handled);
      return { handled: events.length, state: null, effects: [] };
    });
  }

  store(): Promise<CqlConsumerStore> {
    return CqlConsumerStore.open({ port: this.cassandra.port, group: this.group, version: 1 });
  }

  async start(): Promise<ConsumerWorker> {
    const { group, feed, observer } = this;
    const of = { port: this.cassandra.port, group, version: 1 };
    const worker = new ConsumerWorker({
      group,
      instanceId: uuidV7(clock, entropy),
      feed,
      store: await this.store(),
      history: await this.cassandra.events(),
      coordination: await CqlGroupCoordination.open({ ...of, bucketCount: feed.bucketCount }),
      handler: this,
      clock,
      entropy,
      observer,
    });
    await worker.start();
    this.#workers.push(worker);
    return worker;
  }

  /** Waits until the group has handled exactly the events 1 to `last` of each aggregate. */
  async untilHandled(last: ReadonlyMap<string, number>): Promise<void> {
    const isDone = () => [...last].every(([id, count]) => (this.handled.get(id)?.length ?? 0) >= count);
    await until('the events are handled', isDone);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers.splice(0)) await worker.stop();
  }
}

/** Waits until it holds; for what a database and a worker take their time for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = clock.monotonic() + WITHIN_MS;
  while (!(await holds())) {
    if (clock.monotonic() > deadline) throw new Error(`expected within ${WITHIN_MS} ms: ${what}`);
    await clock.sleep(20);
  }
}

/** 1 to `last`. */
export function counted(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
