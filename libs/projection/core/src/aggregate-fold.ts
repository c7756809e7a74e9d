import type { DomainEvent, EventCodec, StoredEvent } from '@chronicle/event-sourcing-core';
import type { Projection, Row } from './projection.js';
import { TableRules } from './table-rules.js';

/** The two functions of a projection over stored events, with the rules of its table. */
export class AggregateFold<State, Event extends DomainEvent> {
  readonly rules: TableRules;

  constructor(
    private readonly projection: Projection<State, Event>,
    private readonly codec: EventCodec<Event>,
  ) {
    this.rules = new TableRules(projection.table);
  }

  /** The state after one more event. Throws what the codec or `evolve` throws. */
  next(state: State | undefined, event: StoredEvent): State {
    return this.projection.evolve(state, this.codec.decode(event));
  }

  /** The rows of an aggregate in that state; none before its first event. Throws `InvalidRowError`, or what `rows` throws. */
  rows(state: State | undefined, aggregateId: string): readonly Row[] {
    if (state === undefined) return [];
    const rows = this.projection.rows(state);
    this.rules.check(rows, aggregateId);
    return rows;
  }
}

/**
 * The rows that one aggregate has in a projection's table once all of `events` (its stream, from the first) have taken effect:
 * what a read model is verified against and rebuilt from. Throws the codec's errors, the projection's own, and `InvalidRowError`.
 */
export function foldAggregate<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  codec: EventCodec<Event>,
  events: Iterable<StoredEvent>,
): readonly Row[] {
  const fold = new AggregateFold(projection, codec);
  let state: State | undefined;
  let aggregateId = '';
  for (const event of events) {
    state = fold.next(state, event);
    aggregateId = event.aggregateId;
  }
  return fold.rows(state, aggregateId);
}
