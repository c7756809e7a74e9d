import type { AggregateRun, ConsumerHandler, HandledRun } from '@chronicle/change-feed-core';
import type { DomainEvent, EventCodec } from '@chronicle/event-sourcing-core';
import { AggregateFold } from './aggregate-fold.js';
import { attempt, failureOf, type Failure } from './failure.js';
import type { Projection } from './projection.js';
import { RenderedStates, type RenderedState } from './rendered-states.js';
import type { RowChange } from './row-change.js';
import { rowDifference } from './row-difference.js';

/** Aggregates whose last state a handler keeps in memory, beside the text that the consumer group stores of it. */
export const RENDERED_STATES_MAX = 2000;

/** How far a run's events could be folded. */
interface Folded<State> {
  readonly state: State | undefined;
  readonly handled: number;
  readonly failure?: Failure;
}

/**
 * The handler of a projection's consumer group. It keeps the projection's state, as JSON, in the aggregate's position, and
 * answers each run with the difference between the aggregate's rows before and after it: a run that changes nothing in the
 * table has no effects. An event that cannot be decoded or folded, or whose rows break the table's rules, is answered as a
 * failure after the events before it have taken effect; it can pass by itself only when its error says `retryable: true`.
 * The same run always gives the same answer, so late, repeated and doubled delivery leave the same rows.
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
    const folded = this.foldEvents(run, before.value.state);
    const after = attempt(() => this.render(run, folded.state));
    return after.failure === undefined
      ? this.answer(run, before.value, after.value, folded)
      : this.handleSingly(run, before.value);
  }

  private stored(run: AggregateRun): RenderedState<State> {
    const { state } = run.position;
    if (state === null) return { state: undefined, rows: [] };
    return this.recent.take(run.aggregateId, state) ?? this.render(run, JSON.parse(state) as State);
  }

  private render(run: AggregateRun, state: State | undefined): RenderedState<State> {
    return { state, rows: this.fold.rows(state, run.aggregateId) };
  }

  private foldEvents(run: AggregateRun, start: State | undefined): Folded<State> {
    let state = start;
    let handled = 0;
    try {
      for (; handled < run.events.length; handled += 1) state = this.fold.next(state, run.events[handled]!);
      return { state, handled };
    } catch (error) {
      return { state, handled, failure: failureOf(error) };
    }
  }

  /** Rows are rendered once a run; only when they break a rule is it gone through again, to find the event that broke it. */
  private handleSingly(run: AggregateRun, before: RenderedState<State>): HandledRun<RowChange> {
    let rendered = before;
    for (let handled = 0; handled < run.events.length; handled += 1) {
      const { state } = rendered;
      const next = attempt(() => this.render(run, this.fold.next(state, run.events[handled]!)));
      if (next.failure !== undefined) return this.answer(run, before, rendered, { handled, failure: next.failure });
      rendered = next.value;
    }
    return this.answer(run, before, rendered, { handled: run.events.length });
  }

  private answer(
    run: AggregateRun,
    before: RenderedState<State>,
    after: RenderedState<State>,
    { handled, failure }: Pick<Folded<State>, 'handled' | 'failure'>,
  ): HandledRun<RowChange> {
    const state = after.state === undefined ? null : JSON.stringify(after.state);
    if (state !== null) this.recent.keep(run.aggregateId, state, after);
    const effects = rowDifference(this.fold.rules, before.rows, after.rows);
    return { handled, state, effects, ...(failure && { failure }) };
  }
}
