import { ENVELOPE_COLUMNS, statement, type CqlRow } from '@chronicle/cql';

const COLUMNS = ENVELOPE_COLUMNS.join(', ');
/** The type is a static column, which the conditional write of the version sets. */
const EVENT_COLUMNS = ENVELOPE_COLUMNS.filter((column) => column !== 'aggregate_type');

const HEAD_COLUMNS = 'aggregate_type, version, fence, last_hash, last_timestamp, command_count, creation';

/** One row, also for a partition that a fence alone has made. */
export const loadHead = statement(
  'event-store.load-head',
  `SELECT ${HEAD_COLUMNS} FROM event_store WHERE aggregate_id = ? LIMIT 1`,
);

/** Every stream has it: static columns come with a row only. */
export const FIRST_EVENT = 1n;
/** The same with one command; no row without {@link FIRST_EVENT}. */
export const loadHeadWithCommand = statement(
  'event-store.load-head-with-command',
  `SELECT ${HEAD_COLUMNS}, sequence_number, command FROM event_store WHERE aggregate_id = ? AND sequence_number IN (?, ?)`,
);

export const loadEvents = statement(
  'event-store.load-events',
  `SELECT ${COLUMNS} FROM event_store WHERE aggregate_id = ? AND sequence_number >= ? AND sequence_number <= ?`,
);

/** Of each partition the events, a slice that does not touch its commands: what is "filtered" is not read at all. */
export const scanEvents = statement(
  'event-store.scan',
  `SELECT ${COLUMNS} FROM event_store WHERE token(aggregate_id) > ? AND token(aggregate_id) <= ?
   AND sequence_number <= ${Number.MAX_SAFE_INTEGER} ALLOW FILTERING`,
);

/** The same rows, only when and where they are: for counting. */
export const scanEventTimes = statement(
  'event-store.scan-times',
  `SELECT aggregate_id, sequence_number, timestamp FROM event_store
   WHERE token(aggregate_id) > ? AND token(aggregate_id) <= ?
   AND sequence_number <= ${Number.MAX_SAFE_INTEGER} ALLOW FILTERING`,
);

/** Is a row of a scan an event? A partition that a fence alone has made has none, and one row. */
export function isEvent(row: CqlRow): boolean {
  return row.sequence_number !== null;
}

export const eventsByCorrelation = statement(
  'event-store.by-correlation',
  `SELECT ${COLUMNS} FROM event_store WHERE correlation_id = ?`,
);

/** The commit itself: this condition, and what goes with it in the same batch. */
export const moveVersion = statement(
  'event-store.move-version',
  `UPDATE event_store SET version = ?, last_hash = ?, last_timestamp = ?, command_count = ?, aggregate_type = ?
   WHERE aggregate_id = ? IF version = ? AND fence = ?`,
);

export const insertEvent = statement(
  'event-store.insert-event',
  `INSERT INTO event_store (${EVENT_COLUMNS.join(', ')}) VALUES (${EVENT_COLUMNS.map(() => '?').join(', ')})`,
);
/** Where the type stands among the envelope's values, which {@link insertEvent} leaves out. */
export const AGGREGATE_TYPE_AT = ENVELOPE_COLUMNS.indexOf('aggregate_type');

/** The command that makes a stream: kept for ever. */
export const rememberCreation = statement(
  'event-store.remember-creation',
  'UPDATE event_store SET creation = ? WHERE aggregate_id = ?',
);

/** Any other: kept for a time, if its key has not been used meanwhile. */
export const rememberCommand = statement(
  'event-store.remember-command',
  'UPDATE event_store USING TTL ? SET command = ? WHERE aggregate_id = ? AND sequence_number = ? IF command = ?',
);

/** Makes every commit fail that was begun with the fence of before, if none has come through. */
export const raiseFence = statement(
  'event-store.raise-fence',
  'UPDATE event_store SET fence = ? WHERE aggregate_id = ? IF version = ? AND fence = ?',
);

export const findEvent = statement(
  'event-store.find-event',
  'SELECT event_id FROM event_store WHERE aggregate_id = ? AND sequence_number = ?',
);

export const readEpoch = statement('event-store.epoch', `SELECT epoch FROM store_epoch WHERE id = 'epoch'`);
