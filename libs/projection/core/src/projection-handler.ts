import type { AggregateRun, ConsumerHandler, HandledRun } from '@chronicle/change-feed-core';
import type { DomainEvent, EventCodec } from '@chronicle/event-sourcing-core';
import { AggregateFold } from './aggregate-fold.js';
import { attempt, type Failure } from './failure.js';
import type { Projection } from './projection.js';
import { RenderedStates, type RenderedState } from './rendered-states.js';
import type { RowChange } from './row-change.js';
import { TouchedRows } from './touched-rows.js';

/** Aggregates whose last state a handler keeps in memory, beside the text that the consumer group stores of it. */
export const RENDERED_STATES_MAX = 2000;

/**
 * The handler of a projection's consumer group. It keeps the projection's state, as JSON, in the aggregate's position, and
 * answers each run with what became of every row that one of its events touched: a run that changes nothing in the table has no
 * effects. An event that cannot be decoded or folded, or whose rows break the table's rules, is answered as a failure after the
 * events before it have taken effect; it can pass by itself only when its error says `retryable: true`. However events are cut
 * into runs, they leave the same rows and fail at the same event; so do late, repeated and doubled delivery.
 */
export function projectionHandler<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  codec: EventCodec<Event>,
): ConsumerHandler<RowChange> {
  const runs = new RunFold(new AggregateFold(projection, codec));
  return { handle: async (batch) => batch.map((run) => runs.handle(run)) };
}

class RunFold<State, Event extends DomainEvent> {
  private readonly recent = new RenderedStates<State>(RENDERED_STATES_MAX);

  constructor(private readonly fold: AggregateFold<State, Event>) {}

  handle(run: AggregateRun): HandledRun<RowChange> {
    const before = attempt(() => this.stored(run));
    if (before.failure !== undefined) {
      return { handled: 0, state: run.position.state, effects: [], failure: before.failure };
    }
    let reached = before.value;
    const touched = new TouchedRows(this.fold.rules, reached.rows);
    for (let handled = 0; handled < run.events.length; handled += 1) {
      const { state } = reached;
      const next = attempt(() => this.render(run, this.fold.next(state, run.events[handled]!)));
      if (next.failure !== undefined) return this.answer(run, reached, touched, { handled, failure: next.failure });
      reached = next.value;
      touched.become(reached.rows);
    }
    return this.answer(run, reached, touched, { handled: run.events.length });
  }

  private stored(run: AggregateRun): RenderedState<State> {
    const { state } = run.position;
    if (state === null) return { state: undefined, rows: [] };
    return this.recent.take(run.aggregateId, state) ?? this.render(run, JSON.parse(state) as State);
  }

  private render(run: AggregateRun, state: State | undefined): RenderedState<State> {
    return { state, rows: this.fold.rows(state, run.aggregateId) };
  }

  private answer(
    run: AggregateRun,
    reached: RenderedState<State>,
    touched: TouchedRows,
    outcome: { readonly handled: number; readonly failure?: Failure },
  ): HandledRun<RowChange> {
    const state = reached.state === undefined ? null : JSON.stringify(reached.state);
    if (state !== null) this.recent.keep(run.aggregateId, state, reached);
    return { ...outcome, state, effects: touched.changes() };
  }
}
