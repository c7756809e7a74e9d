import {
  CqlPort,
  type BoundStatement,
  type ConditionalResult,
  type CqlPage,
  type CqlValue,
  type ReadOptions,
  type Statement,
} from '@chronicle/cql';
import type { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { LIFE_APPENDS, liveThrough, whenPublished } from './aggregate-life.js';

/** What the event store sent for one append. */
export interface RecordedAppend {
  readonly intent: BoundStatement;
  readonly commit: readonly BoundStatement[];
  readonly log: readonly BoundStatement[];
}

/** What it sent for one aggregate. */
export interface RecordedLife {
  readonly aggregateId: string;
  readonly appends: readonly RecordedAppend[];
}

/** Lets every request pass, and keeps the writes. */
export class RecordingPort extends CqlPort {
  readonly writes: (readonly BoundStatement[])[] = [];

  constructor(private readonly port: CqlPort) {
    super();
  }

  override read(statement: Statement, values: readonly CqlValue[], options?: ReadOptions): Promise<CqlPage> {
    return this.port.read(statement, values, options);
  }

  override write(statement: Statement, values: readonly CqlValue[]): Promise<void> {
    this.writes.push([{ statement, values }]);
    return this.port.write(statement, values);
  }

  override writeTogether(writes: readonly BoundStatement[]): Promise<void> {
    this.writes.push(writes);
    return this.port.writeTogether(writes);
  }

  override writeIf(writes: readonly BoundStatement[]): Promise<ConditionalResult> {
    this.writes.push(writes);
    return this.port.writeIf(writes);
  }

  override async close(): Promise<void> {}
}

/** Lets the store carry out so many lives, one append after another, and answers what it sent for each. */
export async function recordLives(store: CqlEventStore, port: RecordingPort, lives: number): Promise<RecordedLife[]> {
  const recorded: RecordedLife[] = [];
  for (let life = 0; life < lives; life += 1) {
    port.writes.length = 0;
    const aggregateId = await liveThrough(store);
    await whenPublished(store);
    const sent = (name: string) => port.writes.filter(([first]) => first!.statement.name === name);
    const [intents, commits] = [sent('intents.insert'), sent('event-store.move-version')];
    const logs = port.writes.filter(([first]) => /^(cassandra-log|outbox)\.insert$/.test(first!.statement.name));
    if ([intents, commits, logs].some(({ length }) => length !== LIFE_APPENDS)) {
      throw new Error(`${LIFE_APPENDS} appends sent ${port.writes.map(([first]) => first!.statement.name).join(', ')}`);
    }
    const appends = commits.map((commit, at) => ({ intent: intents[at]![0]!, commit, log: logs[at]! }));
    recorded.push({ aggregateId, appends });
  }
  return recorded;
}
