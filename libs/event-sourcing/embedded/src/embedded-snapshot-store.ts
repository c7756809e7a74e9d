import { SNAPSHOTS_KEPT, SnapshotStore, type Snapshot } from '@chronicle/event-sourcing-core';
import { failpointSync } from '@chronicle/seams';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { openEventsFileForSnapshots } from './events-file.js';

interface SnapshotRow {
  readonly aggregate_id: string;
  readonly sequence_number: number;
  readonly aggregate_type: string;
  readonly snapshot_version: number;
  readonly snapshot_data: string;
  readonly created_at: string;
  readonly hash: string;
}

const COLUMNS = 'aggregate_id, sequence_number, aggregate_type, snapshot_version, snapshot_data, created_at, hash';
const SELECT_NEWEST = `SELECT ${COLUMNS} FROM aggregate_snapshots
  WHERE aggregate_id = ? AND sequence_number <= ? ORDER BY sequence_number DESC LIMIT ${SNAPSHOTS_KEPT}`;
const REPLACE = `INSERT OR REPLACE INTO aggregate_snapshots (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const DELETE_OLDER = `DELETE FROM aggregate_snapshots WHERE aggregate_id = ?1 AND sequence_number NOT IN
  (SELECT sequence_number FROM aggregate_snapshots WHERE aggregate_id = ?1 ORDER BY sequence_number DESC LIMIT ?2)`;
const SELECT_AGGREGATES =
  'SELECT DISTINCT aggregate_id FROM aggregate_snapshots WHERE aggregate_id > ? ORDER BY aggregate_id LIMIT ?';

/** Aggregates whose old snapshots are deleted in one transaction. */
const PRUNED_TOGETHER_MAX = 100;

/** Snapshots in `events.db`, beside the events. A save is one transaction that does not wait for the disk: a power cut may undo it. */
export class EmbeddedSnapshotStore extends SnapshotStore {
  readonly #database: SqliteDatabase;

  private constructor(database: SqliteDatabase) {
    super();
    this.#database = database;
  }

  static async open({ dataDir }: { readonly dataDir: string }): Promise<EmbeddedSnapshotStore> {
    return new EmbeddedSnapshotStore(await openEventsFileForSnapshots(dataDir));
  }

  override async newest(aggregateId: string, maxVersion: number): Promise<readonly Snapshot[]> {
    const rows = await this.#database.read(() => [
      ...this.#database.rows<SnapshotRow>(SELECT_NEWEST, aggregateId, maxVersion),
    ]);
    return rows.map(snapshotFromRow);
  }

  override async save(snapshot: Snapshot): Promise<void> {
    await this.#database.write(() => {
      this.#database
        .statement(REPLACE)
        .run(
          snapshot.aggregateId,
          snapshot.sequenceNumber,
          snapshot.aggregateType,
          snapshot.snapshotVersion,
          snapshot.snapshotData,
          snapshot.createdAt,
          snapshot.hash,
        );
      failpointSync('snapshot-mid-write');
      this.#deleteOlder(snapshot.aggregateId, SNAPSHOTS_KEPT);
    });
  }

  override async prune(keep: number): Promise<number> {
    let deleted = 0;
    for (let last = ''; ;) {
      const ids = await this.#database.read(() =>
        [...this.#database.rows<SnapshotRow>(SELECT_AGGREGATES, last, PRUNED_TOGETHER_MAX)].map(
          (row) => row.aggregate_id,
        ),
      );
      if (ids.length === 0) return deleted;
      const counts = await this.#database.write(() => ids.map((id) => this.#deleteOlder(id, keep)));
      deleted += counts.reduce((sum, count) => sum + count, 0);
      last = ids.at(-1)!;
    }
  }

  override async close(): Promise<void> {
    this.#database.close();
  }

  #deleteOlder(aggregateId: string, keep: number): number {
    return Number(this.#database.statement(DELETE_OLDER).run(aggregateId, keep).changes);
  }
}

function snapshotFromRow(row: SnapshotRow): Snapshot {
  return {
    aggregateId: row.aggregate_id,
    aggregateType: row.aggregate_type,
    sequenceNumber: row.sequence_number,
    snapshotVersion: row.snapshot_version,
    snapshotData: row.snapshot_data,
    createdAt: row.created_at,
    hash: row.hash,
  };
}
