import { join } from 'node:path';
import { SqliteDatabase } from '@chronicle/sqlite';
import type { SqliteSchema } from '@chronicle/sqlite';

/** Where a consumer group keeps what it knows. */
export interface GroupFile {
  /** Absolute path of the data directory. */
  readonly dataDir: string;
  readonly group: string;
  /**
   * The projection version whose positions, checkpoints and buckets these are (default 1): another version of the same
   * projection shares the file and nothing else.
   */
  readonly version?: number;
}

const SCHEMA: SqliteSchema = {
  version: 1,
  ddl: `
    CREATE TABLE IF NOT EXISTS consumer_buckets (
      version INTEGER NOT NULL, bucket INTEGER NOT NULL, owner TEXT, epoch INTEGER NOT NULL, handoff_to TEXT,
      PRIMARY KEY (version, bucket)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS consumer_checkpoints (
      version INTEGER NOT NULL, bucket INTEGER NOT NULL, checkpoint TEXT NOT NULL,
      PRIMARY KEY (version, bucket)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS projection_state (
      version INTEGER NOT NULL, aggregate_id TEXT NOT NULL, sequence INTEGER NOT NULL, state TEXT,
      parked_since TEXT, parked TEXT, -- JSON
      PRIMARY KEY (version, aggregate_id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS projection_state_parked
      ON projection_state (version, parked_since, aggregate_id) WHERE parked IS NOT NULL;
    CREATE TABLE IF NOT EXISTS group_control (
      version INTEGER PRIMARY KEY, paused INTEGER NOT NULL, revision INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS admin_actions (
      version INTEGER NOT NULL, action_id TEXT NOT NULL, kind TEXT NOT NULL, aggregate_id TEXT NOT NULL,
      bucket INTEGER NOT NULL, sequence_number INTEGER NOT NULL, reason TEXT, user_id TEXT, requested_at TEXT NOT NULL,
      result TEXT, completed_at INTEGER,
      PRIMARY KEY (version, action_id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS admin_actions_pending ON admin_actions (version, action_id) WHERE result IS NULL;
  `,
};

/**
 * Opens `<group>.db`. synchronous=NORMAL is enough: everything in it moves together, so that a power cut only takes the group
 * back to an older consistent moment, from which it repeats.
 */
export function openGroupFile({ dataDir, group }: GroupFile): Promise<SqliteDatabase> {
  return SqliteDatabase.open({ path: join(dataDir, `${group}.db`), synchronous: 'NORMAL', schema: SCHEMA });
}
