import { ENVELOPE_COLUMNS, statement } from '@chronicle/cql';

const COLUMNS = ENVELOPE_COLUMNS.join(', ');
/** The type is a static column, which the conditional write of the version sets. */
const EVENT_COLUMNS = ENVELOPE_COLUMNS.filter((column) => column !== 'aggregate_type');

/** The static columns with the last event; one row, also for a partition that a fence alone has made. */
export const loadHead = statement(
  'event-store.load-head',
  `SELECT aggregate_type, version, fence, commands, sequence_number, hash, timestamp
   FROM event_store WHERE aggregate_id = ? ORDER BY sequence_number DESC LIMIT 1`,
);

export const loadEvents = statement(
  'event-store.load-events',
  `SELECT ${COLUMNS} FROM event_store WHERE aggregate_id = ? AND sequence_number >= ? AND sequence_number <= ?`,
);

export const scanEvents = statement(
  'event-store.scan',
  `SELECT ${COLUMNS} FROM event_store WHERE token(aggregate_id) > ? AND token(aggregate_id) <= ?`,
);

export const eventsByCorrelation = statement(
  'event-store.by-correlation',
  `SELECT ${COLUMNS} FROM event_store WHERE correlation_id = ?`,
);

/** The commit itself: this condition, and what goes with it in the same batch. */
export const moveVersion = statement(
  'event-store.move-version',
  `UPDATE event_store SET version = ?, aggregate_type = ? WHERE aggregate_id = ?
   IF version = ? AND fence = ? AND commands[?] = ?`,
);

export const insertEvent = statement(
  'event-store.insert-event',
  `INSERT INTO event_store (${EVENT_COLUMNS.join(', ')}) VALUES (${EVENT_COLUMNS.map(() => '?').join(', ')})`,
);
/** Where the type stands among the envelope's values, which {@link insertEvent} leaves out. */
export const AGGREGATE_TYPE_AT = ENVELOPE_COLUMNS.indexOf('aggregate_type');

export const rememberCommand = statement(
  'event-store.remember-command',
  'UPDATE event_store USING TTL ? SET commands[?] = ? WHERE aggregate_id = ?',
);

export const forgetCommands = statement(
  'event-store.forget-commands',
  'UPDATE event_store SET commands = commands - ? WHERE aggregate_id = ?',
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
