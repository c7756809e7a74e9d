import { BrokerUnavailableError } from '@chronicle/relay-core';
import type { SqliteSchema } from '@chronicle/sqlite';

/** One topic is one file. An offset is the place in a partition; the rowid is the order of publishing, which nobody asks for. */
export const topicSchema: SqliteSchema = {
  version: 1,
  ddl: `
    CREATE TABLE IF NOT EXISTS topic (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (
      partition INTEGER NOT NULL,
      "offset" INTEGER NOT NULL,
      key TEXT NOT NULL,
      headers TEXT NOT NULL, -- JSON object of texts
      value TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS messages_by_offset ON messages (partition, "offset");
  `,
};

export const PARTITIONS_SQL = 'SELECT partitions FROM topic WHERE name = ?';
export const END_SQL = 'SELECT coalesce(max("offset") + 1, 0) AS end FROM messages WHERE partition = ?';

/** Where a topic lies. */
export interface TopicFile {
  /** Absolute path of the file. */
  readonly path: string;
  readonly topic: string;
}

/** The number of partitions was changed in the configuration: keys would move to other partitions and lose their order. */
export class PartitionCountChangedError extends Error {
  override readonly name = 'PartitionCountChangedError';
  readonly code = 'partition-count-changed';
  readonly retryable = false;
  constructor(
    readonly topic: string,
    readonly recorded: number,
    readonly asked: number,
  ) {
    super(
      `topic ${topic} has ${recorded} partitions, but ${asked} are asked for: another count would break the order of keys; ` +
        `keep ${recorded}, or publish to a new topic and move its readers`,
    );
  }
}

/** Runs `work` on the topic's file; whatever keeps the file from being used is a broker that is away. */
export async function whileAvailable<T>(topic: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRetryable(error)) throw error;
    throw new BrokerUnavailableError(`topic ${topic} cannot be used: ${error.message}`, { cause: error });
  }
}

function isRetryable(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
}
