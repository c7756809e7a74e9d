import type { Clock, Entropy } from '@chronicle/seams';
import { backOffMs } from './back-off.js';
import type { HandledRun } from './consumer-handler.js';
import type { Position } from './consumer-store.js';
import { parkingOf } from './parked-aggregate-order.js';
import type { SequencedRun } from './sequencer.js';
import type { WorkerSettings } from './worker-settings.js';

/** What becomes of a run: its new position, parked or not, or another attempt at the event after it. */
export interface RunOutcome {
  readonly position: Position;
  readonly retry?: { readonly attempts: number; readonly afterMs: number };
}

/** What {@link judgeRun} goes by. */
export interface RunJudge {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly settings: Pick<WorkerSettings, 'attemptsMax' | 'retryAfterMs' | 'outageRetryMaxMs'>;
}

/** Judges what the handler made of a run whose first event had been tried `attempts` times before. */
export function judgeRun(
  run: SequencedRun,
  result: HandledRun<unknown>,
  attempts: number,
  judge: RunJudge,
): RunOutcome {
  const { handled, state, failure } = result;
  const sequence = run.position.sequence + handled;
  if (failure === undefined) return { position: { sequence, state, parked: null } };
  const tried = (handled === 0 ? attempts : 0) + 1;
  const { attemptsMax, retryAfterMs, outageRetryMaxMs } = judge.settings;
  if (failure.retryable && tried < attemptsMax) {
    const afterMs = backOffMs(tried, retryAfterMs, outageRetryMaxMs, judge.entropy);
    return { position: { sequence, state, parked: null }, retry: { attempts: tried, afterMs } };
  }
  return { position: { sequence, state, parked: parkingOf(run.events[handled]!, failure, judge.clock) } };
}
