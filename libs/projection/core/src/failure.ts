import type { HandledRun } from '@chronicle/change-feed-core';
import type { RowChange } from './row-change.js';

/** The longest reason of a failure that is recorded, in characters. */
export const FAILURE_REASON_LENGTH_MAX = 1000;

/** Why an event cannot take effect. */
export type Failure = NonNullable<HandledRun<RowChange>['failure']>;

/** What came of something that may fail. */
export type Attempt<Value> = { readonly value: Value; readonly failure?: undefined } | { readonly failure: Failure };

export function attempt<Value>(work: () => Value): Attempt<Value> {
  try {
    return { value: work() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** The failure that an error stands for; it can pass by itself only when the error says `retryable: true`. */
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
