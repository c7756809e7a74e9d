import { ENVELOPE_COLUMNS, type CqlPort, type CqlRow, BASE_TABLE } from '@chronicle/cql';
import { CdcReader, metadataTablesIn } from '@chronicle/scylla-cdc';
import type { CdcObserver, CdcReaderOptions, CdcReaderSettings, Change, LogSlice } from '@chronicle/scylla-cdc';
import type { Clock } from '@chronicle/seams';
import { BUCKET_COUNT } from './buckets.js';

/** Told what a feed meets, for metrics, logs and alarms, beside what its reader of the log tells. Returns at once and does not throw. */
export interface CqlFeedObserver extends CdcObserver {
  /** A change that is no insert of an event: the outbox is only ever inserted to, so somebody else wrote to it, or rows expired. */
  changeIgnored?(kind: Change['kind']): void;
  /** The log no longer reaches back to where the bucket stands: it is read from the event store. */
  catchUpBegan?(bucket: number): void;
}

/** Where the change log of `outbox_messages` is, and how it is read. */
export interface ChangeLog {
  readonly port: CqlPort;
  readonly keyspace: string;
  readonly dialect: 'scylla' | 'cassandra';
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly settings: Partial<CdcReaderSettings>;
  readonly observer: CqlFeedObserver;
}

/** Of Cassandra's log, which is ours: `CassandraLog.minAheadMs` is how long before its beginning a generation can be seen. */
const CASSANDRA_SETTINGS = { generationLeadMs: 6_000, metadataIntervalMs: 2_000, bypassCache: false };

/** Opens a reader of the log that reads only these columns beside the key. */
export function logReader(log: ChangeLog, columns: readonly string[], more: Partial<CdcReaderOptions> = {}): CdcReader {
  const { port, keyspace, dialect, clock, retentionMs, settings, observer } = log;
  return new CdcReader({
    session: port,
    table: BASE_TABLE,
    bucketCount: BUCKET_COUNT,
    // What is missing of a torn write is a hole, which is filled from the event store.
    brokenGroups: 'deliver',
    ...(dialect === 'cassandra' && { ...CASSANDRA_SETTINGS, metadataTables: metadataTablesIn(keyspace) }),
    ...settings,
    ...{ keyspace, clock, retentionMs, observer, columns },
    ...more,
  });
}

/** The rows that a slice inserts, as the base table has them: columns that were not written are null. */
export function insertedRows({ groups }: LogSlice, observer: CqlFeedObserver): readonly CqlRow[] {
  const rows: CqlRow[] = [];
  for (const { changes } of groups) {
    for (const change of changes) {
      if (change.kind === 'insert') rows.push({ ...NO_VALUES, ...change.key, ...change.values } as CqlRow);
      else observer.changeIgnored?.(change.kind);
    }
  }
  return rows;
}

const NO_VALUES: CqlRow = Object.fromEntries(ENVELOPE_COLUMNS.map((column) => [column, null]));
