import type { AggregateRun, ConsumerHandler, HandledRun } from '@chronicle/change-feed-core';
import type { DomainEvent, EventCodec } from '@chronicle/event-sourcing-core';
import { AggregateFold } from './aggregate-fold.js';
import type { Projection, Row } from './projection.js';
import type { RowChange } from './row-change.js';
import { rowDifference } from './row-difference.js';

/** The longest reason of a failure that is recorded, in characters. */
export const FAILURE_REASON_LENGTH_MAX = 1000;

type Failure = NonNullable<HandledRun<RowChange>['failure']>;

/** How far a run's events could be folded. */
interface Folded<State> {
  readonly state: State | undefined;
  readonly handled: number;
  readonly failure?: Failure;
}

interface Rendered<State> {
  readonly state: State | undefined;
  readonly rows: readonly Row[];
}

/**
 * The handler of a projection's consumer group. It keeps the projection's state, as JSON, in the aggregate's position, and
 * answers each run with the difference between the aggregate's rows before and after it: a run that changes nothing in the
 * table has no effects. An event that cannot be decoded or folded, or whose rows break the table's rules, is answered as a
 * failure after the events before it have taken effect; it can pass by itself only when its error says `retryable: true`.
 * Pure: the same run always gives the same answer, so late, repeated and doubled delivery leave the same rows.
 */
export function projectionHandler<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  codec: EventCodec<Event>,
): ConsumerHandler<RowChange> {
  const fold = new AggregateFold(projection, codec);
  return { handle: async (runs) => runs.map((run) => handleRun(fold, run)) };
}

function handleRun<State, Event extends DomainEvent>(
  fold: AggregateFold<State, Event>,
  run: AggregateRun,
): HandledRun<RowChange> {
  const { state: stored } = run.position;
  const start = attempt(() => {
    const state = stored === null ? undefined : (JSON.parse(stored) as State);
    return { state, rows: fold.rows(state, run.aggregateId) };
  });
  if (start.failure !== undefined) return { handled: 0, state: stored, effects: [], failure: start.failure };
  const folded = foldEvents(fold, run, start.value.state);
  const after = attempt(() => fold.rows(folded.state, run.aggregateId));
  return after.failure === undefined
    ? answer(fold, start.value.rows, after.value, folded)
    : handleSingly(fold, run, start.value);
}

function foldEvents<State, Event extends DomainEvent>(
  fold: AggregateFold<State, Event>,
  run: AggregateRun,
  start: State | undefined,
): Folded<State> {
  let state = start;
  let handled = 0;
  try {
    for (; handled < run.events.length; handled += 1) state = fold.next(state, run.events[handled]!);
    return { state, handled };
  } catch (error) {
    return { state, handled, failure: failureOf(error) };
  }
}

/** Rows are rendered once a run; only when they break a rule is the run gone through again, to find the event that broke it. */
function handleSingly<State, Event extends DomainEvent>(
  fold: AggregateFold<State, Event>,
  run: AggregateRun,
  start: Rendered<State>,
): HandledRun<RowChange> {
  let { state, rows } = start;
  for (let handled = 0; handled < run.events.length; handled += 1) {
    const previous = state;
    const next = attempt(() => {
      const evolved = fold.next(previous, run.events[handled]!);
      return { state: evolved, rows: fold.rows(evolved, run.aggregateId) };
    });
    if (next.failure !== undefined) return answer(fold, start.rows, rows, { state, handled, failure: next.failure });
    ({ state, rows } = next.value);
  }
  return answer(fold, start.rows, rows, { state, handled: run.events.length });
}

function answer<State, Event extends DomainEvent>(
  fold: AggregateFold<State, Event>,
  before: readonly Row[],
  after: readonly Row[],
  { state, handled, failure }: Folded<State>,
): HandledRun<RowChange> {
  return {
    handled,
    state: state === undefined ? null : JSON.stringify(state),
    effects: rowDifference(fold.rules, before, after),
    ...(failure && { failure }),
  };
}

type Attempt<Value> = { readonly value: Value; readonly failure?: undefined } | { readonly failure: Failure };

function attempt<Value>(work: () => Value): Attempt<Value> {
  try {
    return { value: work() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  const { code, message, retryable } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly [fact: string]: unknown;
  };
  return {
    code: typeof code === 'string' ? code : 'projection-failed',
    reason: (typeof message === 'string' ? message : String(error)).slice(0, FAILURE_REASON_LENGTH_MAX),
    retryable: retryable === true,
  };
}
