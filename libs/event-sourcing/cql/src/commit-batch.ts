import { envelopeValues, type BoundStatement } from '@chronicle/cql';
import { REMEMBER_MS, type Append, type StoredEvent } from '@chronicle/event-sourcing-core';
import { commandPlace, commandText } from './command-entry.js';
import { AGGREGATE_TYPE_AT, insertEvent, moveVersion, rememberCommand, rememberCreation } from './event-statements.js';
import type { LoadedStream, StreamState } from './stream-state.js';

const REMEMBER_S = REMEMBER_MS / 1_000;

/**
 * The conditional batch that is the commit: the version moves on from the one that was loaded, unless the fence was raised or the
 * command's key has been used meanwhile; with it go the events and the command.
 */
export function commitBatch(
  append: Append,
  stream: StreamState | LoadedStream,
  events: readonly StoredEvent[],
): readonly BoundStatement[] {
  const { aggregateId, aggregateType } = append;
  const { version } = stream.end;
  const last = events.at(-1)!;
  const moved = [
    BigInt(last.sequenceNumber),
    Buffer.from(last.hash, 'hex'),
    last.timestamp,
    BigInt(stream.commandCount + 1),
    aggregateType,
  ];
  const condition = [version === 0 ? null : BigInt(version), stream.fence];
  return [
    { statement: moveVersion, values: [...moved, aggregateId, ...condition] },
    version === 0 ? creation(append, last) : command(append, stream, last),
    ...events.map((event) => ({ statement: insertEvent, values: eventValues(event) })),
  ];
}

/** No condition of its own: as long as there is no stream, no command has come. */
function creation({ aggregateId, command }: Append, { sequenceNumber: lastSequence }: StoredEvent): BoundStatement {
  const text = commandText({ ...command, firstSequence: 1, lastSequence, ordinal: 1, expiresAt: null });
  return { statement: rememberCreation, values: [text, aggregateId] };
}

function command(append: Append, stream: StreamState | LoadedStream, last: StoredEvent): BoundStatement {
  const text = commandText({
    ...append.command,
    firstSequence: stream.end.version + 1,
    lastSequence: last.sequenceNumber,
    ordinal: stream.commandCount + 1,
    expiresAt: Date.parse(append.now) + REMEMBER_MS,
  });
  // One that is no longer remembered may still stand there, and is replaced.
  const found = 'command' in stream ? stream.command : null;
  const place = commandPlace(append.command.key);
  return { statement: rememberCommand, values: [REMEMBER_S, text, append.aggregateId, place, found] };
}

function eventValues(event: StoredEvent) {
  return envelopeValues(event).filter((_, index) => index !== AGGREGATE_TYPE_AT);
}
