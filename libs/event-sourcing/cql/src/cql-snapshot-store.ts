import { statement, type CqlPort, type CqlRow } from '@chronicle/cql';
import { SNAPSHOTS_KEPT, SnapshotStore, StoreUnavailableError, type Snapshot } from '@chronicle/event-sourcing-core';
import { failpoint } from '@chronicle/seams';

const COLUMNS = 'aggregate_id, sequence_number, aggregate_type, snapshot_version, snapshot_data, created_at, hash';
const selectNewest = statement(
  'snapshots.newest',
  `SELECT ${COLUMNS} FROM aggregate_snapshots WHERE aggregate_id = ? AND sequence_number <= ? LIMIT ${SNAPSHOTS_KEPT}`,
);
const insertSnapshot = statement(
  'snapshots.insert',
  `INSERT INTO aggregate_snapshots (${COLUMNS}, event_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
);
const selectVersions = statement(
  'snapshots.versions',
  'SELECT sequence_number FROM aggregate_snapshots WHERE aggregate_id = ?',
);
const deleteUpTo = statement(
  'snapshots.delete-up-to',
  'DELETE FROM aggregate_snapshots WHERE aggregate_id = ? AND sequence_number <= ?',
);
const selectAggregates = statement('snapshots.aggregates', 'SELECT DISTINCT aggregate_id FROM aggregate_snapshots');

/** Aggregates whose old snapshots are deleted at once. */
const PRUNED_AT_ONCE = 16;

/** Snapshots in `aggregate_snapshots`. A save that is cut short leaves the older ones. */
export class CqlSnapshotStore extends SnapshotStore {
  readonly #port: CqlPort;
  #closed = false;

  /** The port stays its owner's to close. */
  constructor(port: CqlPort) {
    super();
    this.#port = port;
  }

  override async newest(aggregateId: string, maxVersion: number): Promise<readonly Snapshot[]> {
    this.#refuseWhenClosed();
    const { rows } = await this.#port.read(selectNewest, [aggregateId, BigInt(maxVersion)]);
    return rows.map(snapshotFromRow);
  }

  override async save(snapshot: Snapshot): Promise<void> {
    this.#refuseWhenClosed();
    const version = BigInt(snapshot.sequenceNumber);
    await this.#port.write(insertSnapshot, [
      snapshot.aggregateId,
      version,
      snapshot.aggregateType,
      snapshot.snapshotVersion,
      snapshot.snapshotData,
      snapshot.createdAt,
      Buffer.from(snapshot.hash, 'hex'),
      version, // a snapshot folds all events up to its version
    ]);
    await failpoint('snapshot-mid-write');
    await this.#deleteOlder(snapshot.aggregateId, SNAPSHOTS_KEPT);
  }

  override async prune(keep: number): Promise<number> {
    this.#refuseWhenClosed();
    let deleted = 0;
    for await (const rows of this.#port.pages(selectAggregates, [])) {
      for (let at = 0; at < rows.length; at += PRUNED_AT_ONCE) {
        const together = rows.slice(at, at + PRUNED_AT_ONCE);
        const counts = await Promise.all(together.map((row) => this.#deleteOlder(row.aggregate_id as string, keep)));
        deleted += counts.reduce((sum, count) => sum + count, 0);
      }
    }
    return deleted;
  }

  override async close(): Promise<void> {
    this.#closed = true;
  }

  async #deleteOlder(aggregateId: string, keep: number): Promise<number> {
    const versions: bigint[] = []; // newest first
    for await (const rows of this.#port.pages(selectVersions, [aggregateId])) {
      versions.push(...rows.map((row) => row.sequence_number as bigint));
    }
    const newestOfOld = versions[keep];
    if (newestOfOld === undefined) return 0;
    await this.#port.write(deleteUpTo, [aggregateId, newestOfOld]);
    return versions.length - keep;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailableError('the snapshot store is closed');
  }
}

function snapshotFromRow(row: CqlRow): Snapshot {
  return {
    aggregateId: row.aggregate_id as string,
    aggregateType: row.aggregate_type as string,
    sequenceNumber: Number(row.sequence_number),
    snapshotVersion: row.snapshot_version as number,
    snapshotData: row.snapshot_data as string,
    createdAt: row.created_at as string,
    hash: Buffer.from(row.hash as Uint8Array).toString('hex'),
  };
}
