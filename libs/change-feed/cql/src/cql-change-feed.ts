import { ChangeFeed, FEED_EVENTS_MAX } from '@chronicle/change-feed-core';
import type { FeedLag, FeedReader } from '@chronicle/change-feed-core';
import { CassandraLog, ENVELOPE_COLUMNS, storedEventFromRow, type CqlPort } from '@chronicle/cql';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { checkpointAt } from '@chronicle/scylla-cdc';
import type { CdcReaderSettings } from '@chronicle/scylla-cdc';
import { systemEntropy, type Clock } from '@chronicle/seams';
import { BUCKET_COUNT, bucketOf } from './buckets.js';
import { CqlFeedReader } from './cql-feed-reader.js';
import { feedLag } from './feed-lag.js';
import { insertedRows } from './log-events.js';
import type { ChangeLog, CqlFeedObserver } from './log-events.js';
import { logToEnd } from './log-to-end.js';

/** Rows this near to their end are not read as contents: they may be gone before the next page. */
const EXPIRING_MS = 10_000;

/** What a {@link CqlChangeFeed} is opened with. */
export interface CqlChangeFeedOptions {
  /** Connected to the keyspace; stays its owner's to close, after the feed. */
  readonly port: CqlPort;
  readonly keyspace: string;
  readonly dialect: 'scylla' | 'cassandra';
  readonly clock: Clock;
  /** How long rows stay in the log: the schema's `changeLogRetentionS`. */
  readonly retentionMs: number;
  /** Of the log's reader; defaults: those of scylla-cdc, and for `cassandra` the pace of its own log generations. */
  readonly settings?: Partial<CdcReaderSettings>;
  readonly observer?: CqlFeedObserver;
}

/** The change log of `outbox_messages` on ScyllaDB or Cassandra, backed by the event store for what the log no longer has. */
export class CqlChangeFeed extends ChangeFeed {
  readonly bucketCount = BUCKET_COUNT;
  readonly #log: ChangeLog;

  private constructor(log: ChangeLog) {
    super();
    this.#log = log;
  }

  /** Opens the feed of a migrated keyspace, also before anybody has written to it. Throws `StoreUnavailableError`. */
  static async open({ settings = {}, observer = {}, ...log }: CqlChangeFeedOptions): Promise<CqlChangeFeed> {
    // ScyllaDB's log has a first generation from the start; ours has one when somebody has opened it.
    if (log.dialect === 'cassandra') await CassandraLog.open({ ...log, entropy: systemEntropy });
    return new CqlChangeFeed({ ...log, settings, observer });
  }

  bucketOf(aggregateId: string): number {
    return bucketOf(aggregateId);
  }

  reader(): FeedReader {
    return new CqlFeedReader(this.#log);
  }

  async lag(checkpoints: ReadonlyMap<number, string | null>): Promise<FeedLag> {
    return feedLag(this.#log, new Map(allBuckets().map((bucket) => [bucket, checkpoints.get(bucket) ?? null])));
  }

  async *contents(): AsyncGenerator<readonly StoredEvent[]> {
    const span = {
      starts: new Map(allBuckets().map((bucket) => [bucket, 'beginning'] as const)),
      columns: ENVELOPE_COLUMNS,
      retentionShareMax: 1,
      onExpired: ({ oldest }: { readonly oldest: string }) => checkpointAt(new Date(Date.parse(oldest) + EXPIRING_MS)),
    };
    for await (const slices of logToEnd(this.#log, span)) {
      const events = slices.flatMap((slice) => insertedRows(slice, {}).map(storedEventFromRow));
      for (let from = 0; from < events.length; from += FEED_EVENTS_MAX)
        yield events.slice(from, from + FEED_EVENTS_MAX);
    }
  }

  async close(): Promise<void> {
    // Holds nothing: readers are closed by whoever asked for them, the port is its owner's.
  }
}

function allBuckets(): readonly number[] {
  return Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket);
}
