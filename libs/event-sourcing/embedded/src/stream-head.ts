import { REMEMBERED_COMMANDS_MAX, type RememberedCommand } from '@chronicle/event-sourcing-core';
import type { SqliteDatabase } from '@chronicle/sqlite';

/** The last event of a stream, as far as the next append depends on it, with the remembered command that was asked for. */
export interface HeadRow {
  readonly aggregate_type: string;
  readonly sequence_number: number;
  readonly timestamp: string;
  readonly hash: string;
  readonly command_number: number;
  readonly body_hash: string | null;
  readonly first_sequence: number | null;
  readonly last_sequence: number | null;
}

// A command is remembered for ever if it created the aggregate, else until it expires or enough newer ones have come.
const SELECT_HEAD = `
  SELECT e.aggregate_type, e.sequence_number, e.timestamp, e.hash, e.command_number,
         c.body_hash, c.first_sequence, c.last_sequence
  FROM events e LEFT JOIN commands c ON c.aggregate_id = e.aggregate_id AND c.command_key = ? AND (
    c.expires_at IS NULL OR
    (c.expires_at > ? AND c.command_number > e.command_number - ${REMEMBERED_COMMANDS_MAX})
  )
  WHERE e.aggregate_id = ? ORDER BY e.sequence_number DESC LIMIT 1`;

/** The head of a stream, or undefined when there is none. `now` (ms since 1970) decides what is still remembered. */
export function readHead(
  database: SqliteDatabase,
  aggregateId: string,
  commandKey: string | undefined,
  now: number,
): HeadRow | undefined {
  return database.row<HeadRow>(SELECT_HEAD, commandKey ?? null, now, aggregateId);
}

/** The remembered command of a head that was asked for under `key`. */
export function rememberedIn(head: HeadRow, key: string | undefined): RememberedCommand | undefined {
  const { body_hash: bodyHash, first_sequence: firstSequence, last_sequence: lastSequence } = head;
  if (key === undefined || bodyHash === null || firstSequence === null || lastSequence === null) return undefined;
  return { key, bodyHash, firstSequence, lastSequence };
}
