import {
  EMPTY_STREAM,
  REMEMBER_MS,
  StoreUnavailableError,
  sealEvents,
  type Append,
  type AppendOutcome,
  type ExpectedVersion,
  type StoredEvent,
} from '@chronicle/event-sourcing-core';
import { UndecidedCommitError, type SqliteDatabase } from '@chronicle/sqlite';
import { bucketOf } from './buckets.js';
import { EVENT_COLUMNS } from './event-row.js';
import { readHead, rememberedIn, type HeadRow } from './stream-head.js';

/** What became of one append of a batch. `unavailable`: it was not written; `failed`: nor ever will be, it is wrong itself. */
export type AppendReply =
  | AppendOutcome
  | { readonly outcome: 'unavailable'; readonly cause: unknown }
  | { readonly outcome: 'failed'; readonly cause: unknown };

/**
 * Group commit: carries out appends, in order, in one transaction with one fsync, and answers each by itself in the same
 * order. Each sees what those before it have written, and one that writes nothing does not disturb the others. Never throws.
 */
export async function commitBatch(
  database: SqliteDatabase,
  appends: readonly Append[],
): Promise<readonly AppendReply[]> {
  try {
    return await database.write(() => {
      const outcomes = appends.map((append) => appendOne(database, append));
      forgetExpired(database, appends);
      return outcomes;
    });
  } catch (cause) {
    if (cause instanceof UndecidedCommitError) return appends.map(() => ({ outcome: 'unknown', cause }));
    if (cause instanceof StoreUnavailableError) return appends.map(() => ({ outcome: 'unavailable', cause }));
    return appends.length === 1 ? [{ outcome: 'failed', cause }] : commitOneByOne(database, appends);
  }
}

/** One append of a batch is wrong in a way that only writing it showed: find it, and let the others through. */
async function commitOneByOne(database: SqliteDatabase, appends: readonly Append[]): Promise<readonly AppendReply[]> {
  const replies: AppendReply[] = [];
  for (const append of appends) replies.push(...(await commitBatch(database, [append])));
  return replies;
}

function appendOne(database: SqliteDatabase, append: Append): AppendOutcome {
  const head = readHead(database, append.aggregateId, append.command.key, Date.parse(append.now));
  const version = head?.sequence_number ?? 0;
  if (head && head.aggregate_type !== append.aggregateType) return { outcome: 'conflict', actualVersion: version };
  const remembered = head && rememberedIn(head, append.command.key);
  if (remembered) return { outcome: 'remembered', command: remembered };
  if (!isExpected(append.expected, version)) return { outcome: 'conflict', actualVersion: version };
  return write(database, append, head);
}

function isExpected(expected: ExpectedVersion, version: number): boolean {
  return expected === 'any' || version === (expected === 'none' ? 0 : expected);
}

function write(database: SqliteDatabase, append: Append, head: HeadRow | undefined): AppendOutcome {
  const { aggregateId, aggregateType } = append;
  const end = head ? { version: head.sequence_number, hash: head.hash, timestamp: head.timestamp } : EMPTY_STREAM;
  const events = sealEvents({ aggregateId, aggregateType }, end, append.events, append.now);
  const commandNumber = (head?.command_number ?? 0) + 1;
  const bucket = bucketOf(aggregateId);
  for (const event of events) insertEvent(database, event, commandNumber, bucket);
  const appended = {
    firstSequence: end.version + 1,
    lastSequence: end.version + events.length,
    timestamp: events[0]!.timestamp,
  };
  rememberCommand(database, append, commandNumber, appended);
  return { outcome: 'appended', ...appended };
}

const INSERT_EVENT = `INSERT INTO events (${EVENT_COLUMNS}, command_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_OUTBOX_MESSAGE = 'INSERT INTO outbox_messages (position, bucket) VALUES (?, ?)';

function insertEvent(database: SqliteDatabase, event: StoredEvent, commandNumber: number, bucket: number): void {
  const { lastInsertRowid: position } = database
    .statement(INSERT_EVENT)
    .run(
      event.aggregateId,
      event.sequenceNumber,
      event.aggregateType,
      event.eventId,
      event.eventType,
      event.eventVersion,
      event.eventData,
      event.causationId,
      event.correlationId,
      event.userId,
      event.timestamp,
      JSON.stringify(event.metadata),
      event.hash,
      commandNumber,
    );
  database.statement(INSERT_OUTBOX_MESSAGE).run(position, bucket);
}

// A key that is still there was forgotten, or the append would not have come this far.
const REPLACE_COMMAND = `INSERT OR REPLACE INTO commands
  (aggregate_id, command_key, body_hash, first_sequence, last_sequence, command_number, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

function rememberCommand(
  database: SqliteDatabase,
  { aggregateId, command, now }: Append,
  commandNumber: number,
  { firstSequence, lastSequence }: { readonly firstSequence: number; readonly lastSequence: number },
): void {
  const expiresAt = firstSequence === 1 ? null : Date.parse(now) + REMEMBER_MS;
  database
    .statement(REPLACE_COMMAND)
    .run(aggregateId, command.key, command.bodyHash, firstSequence, lastSequence, commandNumber, expiresAt);
}

const DELETE_EXPIRED = `DELETE FROM commands WHERE (aggregate_id, command_key) IN
  (SELECT aggregate_id, command_key FROM commands WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;

/** Deletes expired commands, more of them than the batch can have added, so that they never pile up. */
function forgetExpired(database: SqliteDatabase, appends: readonly Append[]): void {
  database.statement(DELETE_EXPIRED).run(Date.parse(appends.at(-1)!.now), 2 * appends.length);
}
