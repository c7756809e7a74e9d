import type { CqlPort } from '@chronicle/cql';
import { findEvent, raiseFence } from './event-statements.js';
import { loadStream } from './stream-state.js';

/** An attempt whose commit was sent, and whose outcome nobody told us. */
export interface UnknownAttempt {
  readonly aggregateId: string;
  /** The version it expected. */
  readonly version: number;
  /** Of its first event. */
  readonly eventId: string;
}

/**
 * Tries to decide what became of an attempt. A read that does not find its event proves nothing, for the request may still wait in
 * a coordinator. It is decided when its event is found, or the version has moved past the one it expected, or a fence has applied:
 * then it can never commit. `undecided`: ask again. Throws as {@link CqlPort} does; that decides nothing either.
 */
export async function settleAttempt(
  port: CqlPort,
  attempt: UnknownAttempt,
): Promise<'committed' | 'not committed' | 'undecided'> {
  const { aggregateId, version, eventId } = attempt;
  const stream = await loadStream(port, aggregateId);
  if (stream.end.version > version) {
    // Read after the version: what stands there now is there for ever.
    const found = await port.readOne(findEvent, [aggregateId, BigInt(version + 1)]);
    return found?.event_id === eventId ? 'committed' : 'not committed';
  }
  return (await fence(port, aggregateId, stream.end.version, stream.fence)) ? 'not committed' : 'undecided';
}

/** Raises the fence of a stream that is still as it was read; false when it has moved. */
export async function fence(
  port: CqlPort,
  aggregateId: string,
  version: number,
  raisedTo: bigint | null,
): Promise<boolean> {
  const values = [(raisedTo ?? 0n) + 1n, aggregateId, version === 0 ? null : BigInt(version), raisedTo];
  return (await port.writeIf([{ statement: raiseFence, values }])).applied;
}
