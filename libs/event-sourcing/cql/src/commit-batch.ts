import { envelopeValues, type BoundStatement } from '@chronicle/cql';
import { REMEMBER_MS, type Append, type StoredEvent } from '@chronicle/event-sourcing-core';
import { AGGREGATE_TYPE_AT, forgetCommands, insertEvent, moveVersion, rememberCommand } from './event-statements.js';
import { commandText, forgottenIn, type LoadedStream, type StreamState } from './stream-state.js';

const REMEMBER_S = REMEMBER_MS / 1_000;
/** A TTL of 0 is none. */
const FOR_EVER_S = 0;

/**
 * The conditional batch that is the commit: the version moves on from the one that was loaded, unless the fence was raised or the
 * command's key has been used meanwhile; with it go the events and the command.
 */
export function commitBatch(
  append: Append,
  stream: StreamState | LoadedStream,
  events: readonly StoredEvent[],
): readonly BoundStatement[] {
  const { aggregateId, aggregateType, command } = append;
  const { version } = stream.end;
  const lastSequence = version + events.length;
  const commands = 'commands' in stream ? stream.commands : undefined;
  const condition = [
    version === 0 ? null : BigInt(version),
    stream.fence,
    command.key,
    commands?.get(command.key) ?? null, // one that was forgotten may still stand there, and is replaced
  ];
  const batch: BoundStatement[] = [
    { statement: moveVersion, values: [BigInt(lastSequence), aggregateType, aggregateId, ...condition] },
    { statement: rememberCommand, values: rememberValues(append, version + 1, lastSequence) },
  ];
  const forgotten = 'commands' in stream ? forgottenIn(stream) : new Set<string>();
  if (forgotten.size > 0) {
    forgotten.delete(command.key);
    batch.push({ statement: forgetCommands, values: [forgotten, aggregateId] });
  }
  for (const event of events) batch.push({ statement: insertEvent, values: eventValues(event) });
  return batch;
}

function rememberValues({ aggregateId, command, now }: Append, firstSequence: number, lastSequence: number) {
  const expires = firstSequence > 1;
  const text = commandText(
    { bodyHash: command.bodyHash, firstSequence, lastSequence },
    expires ? Date.parse(now) + REMEMBER_MS : null,
  );
  return [expires ? REMEMBER_S : FOR_EVER_S, command.key, text, aggregateId];
}

function eventValues(event: StoredEvent) {
  return envelopeValues(event).filter((_, index) => index !== AGGREGATE_TYPE_AT);
}
