import { join } from 'node:path';
import { SqliteDatabase, type SqliteSchema } from '@chronicle/sqlite';

/**
 * `events` is the truth. Its position is the order of commits (writers are serial), and `command_number` counts the commands
 * that the aggregate has accepted up to the event. `outbox_messages` is the change log: on one machine a reference to the
 * event does what a copy of it does on a cluster; it is kept for ever, so a worker that starts from nothing reads it all.
 * The head of a stream is its last event.
 */
const SCHEMA: SqliteSchema = {
  version: 1,
  ddl: `
    CREATE TABLE IF NOT EXISTS events (
      position INTEGER PRIMARY KEY,
      aggregate_id TEXT NOT NULL,
      sequence_number INTEGER NOT NULL,
      aggregate_type TEXT NOT NULL,
      event_id TEXT NOT NULL,
      event_type TEXT NOT NULL,
      event_version INTEGER NOT NULL,
      event_data TEXT NOT NULL,
      causation_id TEXT NOT NULL,
      correlation_id TEXT NOT NULL,
      user_id TEXT,
      timestamp TEXT NOT NULL,
      metadata TEXT NOT NULL,
      hash TEXT NOT NULL,
      command_number INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS events_by_stream ON events (aggregate_id, sequence_number);
    CREATE INDEX IF NOT EXISTS events_by_correlation ON events (correlation_id, aggregate_id, sequence_number);

    CREATE TABLE IF NOT EXISTS outbox_messages (
      position INTEGER PRIMARY KEY,
      bucket INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE IF NOT EXISTS commands (
      aggregate_id TEXT NOT NULL,
      command_key TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      first_sequence INTEGER NOT NULL,
      last_sequence INTEGER NOT NULL,
      command_number INTEGER NOT NULL,
      expires_at INTEGER, -- ms since 1970; NULL = never
      PRIMARY KEY (aggregate_id, command_key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS commands_by_expiry ON commands (expires_at) WHERE expires_at IS NOT NULL;

    CREATE TABLE IF NOT EXISTS aggregate_snapshots (
      aggregate_id TEXT NOT NULL,
      sequence_number INTEGER NOT NULL,
      aggregate_type TEXT NOT NULL,
      snapshot_version INTEGER NOT NULL,
      snapshot_data TEXT NOT NULL,
      created_at TEXT NOT NULL,
      hash TEXT NOT NULL,
      PRIMARY KEY (aggregate_id, sequence_number)
    ) STRICT;

    CREATE TABLE IF NOT EXISTS store_epoch (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL
    ) STRICT;
    INSERT OR IGNORE INTO store_epoch (id, epoch) VALUES (1, 1);
  `,
};

/**
 * Opens `events.db` of a data directory, made when it is missing: for reading the events, and the change log over them. Only
 * the writer thread appends, so that writers are serial and the WAL is kept short in one place.
 */
export function openEventsFile(dataDir: string): Promise<SqliteDatabase> {
  return SqliteDatabase.open({ path: pathIn(dataDir), schema: SCHEMA, synchronous: 'FULL' });
}

/** The connection that saves snapshots, which may be lost: it never waits for the disk. */
export function openEventsFileForSnapshots(dataDir: string): Promise<SqliteDatabase> {
  return SqliteDatabase.open({ path: pathIn(dataDir), schema: SCHEMA, synchronous: 'NORMAL', leaveCheckpoints: true });
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'events.db');
}
