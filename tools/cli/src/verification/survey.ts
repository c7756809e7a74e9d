import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { OrderProjection } from '@chronicle/orders-read-models';
import { timestampText } from '@chronicle/seams';
import { AggregateIndex } from './aggregate-index.js';
import type { CheckedSystem } from './checked-system.js';
import { Column } from './column.js';
import { Findings, type Difference } from './difference.js';
import { NOTHING, eventDigest, messageDigest, rowDigest } from './digest.js';
import type { StepProgress } from './progress.js';

/** The name of the part that everything else is compared with. */
export const EVENT_STORE = 'event store';

/** Stands for rows that one digest cannot stand for (none, several, or those of a stream that cannot be folded). */
const EXAMINE = 1;

/** The most sequence numbers that may be missing in one place; events after a larger gap are left out. */
const GAP_MAX = 1000;

export interface SurveyOptions {
  readonly asOf: string;
  readonly progress: StepProgress;
}

/**
 * What the event store says, in a few bytes an event: the digests of every event, of the message that it becomes, and of the row
 * that its aggregate has in each read model. Whoever finds an expected thing sets its digest to {@link NOTHING}, so what is
 * left at the end is what was not found.
 */
export class Survey {
  readonly aggregates = new AggregateIndex();
  /** By event number. */
  readonly events = new Column();
  readonly messages = new Column();
  /** By aggregate number, one column a read model in the order of the system's. */
  readonly rows: readonly Column[];
  /** The event number of each aggregate's first event. */
  private readonly firsts = new Column();
  /** Sequence numbers that the event store itself lacks. */
  readonly findings = new Findings();

  private constructor(
    private readonly system: CheckedSystem,
    /** Events from this time on must be in the change log. */
    private readonly loggedSince: string,
  ) {
    this.rows = system.readModels.map(() => new Column());
  }

  /** Reads every event committed before `asOf`, which is now. */
  static async take(system: CheckedSystem, { asOf, progress }: SurveyOptions): Promise<Survey> {
    const survey = new Survey(system, loggedSince(system, asOf));
    let fold: AggregateFold | undefined;
    for await (const { events, scanned, total } of system.events.streamAll()) {
      for (const event of events) {
        if (event.aggregateId !== fold?.aggregateId) {
          survey.addRows(fold);
          survey.begin(event.aggregateId);
          fold = new AggregateFold(event.aggregateId, system);
        }
        if (survey.add(event)) fold.next(event);
      }
      progress(scanned, total);
    }
    survey.addRows(fold);
    return survey;
  }

  /** The aggregate's last sequence number, 0 when it is not in the survey. */
  version(aggregateId: string): number {
    const aggregate = this.aggregates.find(aggregateId);
    return aggregate === undefined ? 0 : this.endOf(aggregate) - this.firsts.get(aggregate);
  }

  /** The number of an event, undefined when it is not in the survey (younger, or never committed). */
  eventNumber(aggregateId: string, sequenceNumber: number): number | undefined {
    const aggregate = this.aggregates.find(aggregateId);
    if (aggregate === undefined || !(sequenceNumber >= 1)) return undefined;
    const event = this.firsts.get(aggregate) + sequenceNumber - 1;
    return event < this.endOf(aggregate) ? event : undefined;
  }

  /** The sequence numbers of the aggregate's events that are still something in `column`. */
  left(column: Column, aggregateId: string): readonly number[] {
    return Array.from({ length: this.version(aggregateId) }, (_, index) => index + 1).filter(
      (sequence) => column.get(this.eventNumber(aggregateId, sequence)!) !== NOTHING,
    );
  }

  /** The aggregates with an event that is still something in `column`. */
  *aggregatesLeft(column: Column): Generator<string> {
    for (let aggregate = 0; aggregate < this.aggregates.size; aggregate += 1) {
      for (let event = this.firsts.get(aggregate); event < this.endOf(aggregate); event += 1) {
        if (column.get(event) === NOTHING) continue;
        yield this.aggregates.idOf(aggregate);
        break;
      }
    }
  }

  /** The aggregates whose row of that read model is still something. */
  *rowsLeft(readModel: number): Generator<string> {
    const rows = this.rows[readModel]!;
    for (let aggregate = 0; aggregate < rows.length; aggregate += 1) {
      if (rows.get(aggregate) !== NOTHING) yield this.aggregates.idOf(aggregate);
    }
  }

  private begin(aggregateId: string): void {
    const aggregate = this.aggregates.add(aggregateId);
    if (aggregate !== this.firsts.length) throw new ScatteredAggregateError(aggregateId);
    this.firsts.push(this.events.length);
  }

  /** False: the event is too far behind its predecessor to be counted in. */
  private add(event: StoredEvent): boolean {
    const expected = this.events.length - this.firsts.get(this.firsts.length - 1) + 1;
    const gap = event.sequenceNumber - expected;
    if (gap !== 0) this.findings.add(missingEvents(event, expected));
    if (gap < 0 || gap > GAP_MAX) return false;
    for (let missing = 0; missing < gap; missing += 1) this.push(NOTHING, NOTHING);
    const logged = event.timestamp < this.loggedSince ? NOTHING : eventDigest(event);
    this.push(logged, messageDigest(this.system.topic.toMessage(event)));
    return true;
  }

  private push(event: number, message: number): void {
    this.events.push(event);
    this.messages.push(message);
  }

  private addRows(fold: AggregateFold | undefined): void {
    if (fold)
      this.system.readModels.forEach(({ projection }, index) => this.rows[index]!.push(fold.rowDigest(projection)));
  }

  private endOf(aggregate: number): number {
    return aggregate + 1 < this.firsts.length ? this.firsts.get(aggregate + 1) : this.events.length;
  }
}

/** An event may leave the log while the check runs, so those in the last tenth of their time there are not asked for. */
function loggedSince({ changeLog: { keptMs } }: CheckedSystem, asOf: string): string {
  return keptMs === null ? '' : timestampText(Date.parse(asOf) - 0.9 * keptMs);
}

function missingEvents({ aggregateId, sequenceNumber }: StoredEvent, expected: number): Difference {
  const detail = `event ${expected} should come next, event ${sequenceNumber} does`;
  return { part: EVENT_STORE, kind: 'missing', aggregateId, sequenceNumber: expected, key: null, fields: [], detail };
}

/** A scan of the event store gave the events of one aggregate in two places: its adapter breaks the port's promise. */
export class ScatteredAggregateError extends Error {
  readonly code = 'scattered-aggregate';
  constructor(readonly aggregateId: string) {
    super(`the scan of the event store gave events of ${aggregateId} in two places; they must follow one another`);
    this.name = 'ScatteredAggregateError';
  }
}

type State = ReturnType<OrderProjection['evolve']>;

/** Folds one aggregate for all read models at once, decoding every event once. */
class AggregateFold {
  private readonly states = new Map<OrderProjection, State>();
  private broken = false;

  constructor(
    readonly aggregateId: string,
    private readonly system: CheckedSystem,
  ) {}

  next(stored: StoredEvent): void {
    if (this.broken) return;
    try {
      const event = this.system.codec.decode(stored);
      for (const { projection } of this.system.readModels) {
        this.states.set(projection, projection.evolve(this.states.get(projection), event));
      }
    } catch {
      this.broken = true; // the exact examination of its rows says why
    }
  }

  rowDigest(projection: OrderProjection): number {
    if (this.broken) return EXAMINE;
    const rows = projection.rows(this.states.get(projection)!);
    return rows.length === 1 ? rowDigest(projection.table, rows[0]) : EXAMINE;
  }
}
