import { join } from 'node:path';
import { GroupCoordination } from '@chronicle/change-feed-core';
import type {
  ActionResult,
  AdminAction,
  BucketClaim,
  BucketRow,
  GroupControl,
  Instance,
  SeenInstance,
} from '@chronicle/change-feed-core';
import { hasEnded, markOf } from '@chronicle/process-identity';
import type { Clock } from '@chronicle/seams';
import { SqliteDatabase } from '@chronicle/sqlite';
import type { SqliteSchema } from '@chronicle/sqlite';
import { openGroupFile } from './group-file.js';
import type { GroupFile } from './group-file.js';

const PENDING_ACTIONS_MAX = 100;
/** How long the result of an action is kept. */
const RESULT_KEPT_MS = 10 * 60 * 1000;

const INSTANCES_SCHEMA: SqliteSchema = {
  version: 1,
  ddl: `CREATE TABLE IF NOT EXISTS instances (
    consumer_group TEXT NOT NULL, version INTEGER NOT NULL, instance_id TEXT NOT NULL, beat INTEGER NOT NULL,
    control_revision INTEGER NOT NULL, pid INTEGER NOT NULL, started_at TEXT, space TEXT,
    PRIMARY KEY (consumer_group, version, instance_id)
  ) WITHOUT ROWID`,
};

/** What an {@link EmbeddedGroupCoordination} is opened with. */
export interface EmbeddedGroupCoordinationOptions extends GroupFile {
  /** How many buckets the group shares out: the feed's. */
  readonly bucketCount: number;
  readonly clock: Clock;
}

/**
 * Buckets, control and actions in `<group>.db`, instances of all groups in `instances.db`. As all instances are processes of
 * one machine, one that has ended is known to have, without waiting for its heartbeat to stand still.
 */
export class EmbeddedGroupCoordination extends GroupCoordination {
  readonly #db: SqliteDatabase;
  readonly #instances: SqliteDatabase;
  readonly #clock: Clock;
  readonly #group: string;
  readonly #version: number;

  private constructor(db: SqliteDatabase, instances: SqliteDatabase, options: EmbeddedGroupCoordinationOptions) {
    super();
    this.#db = db;
    this.#instances = instances;
    this.#clock = options.clock;
    this.#group = options.group;
    this.#version = options.version ?? 1;
  }

  /** Opens both files, made if need be. Throws what `SqliteDatabase.open` throws. */
  static async open(options: EmbeddedGroupCoordinationOptions): Promise<EmbeddedGroupCoordination> {
    const { dataDir, bucketCount, version = 1 } = options;
    const db = await openGroupFile(options);
    await db.write(() => {
      const insert = db.statement('INSERT OR IGNORE INTO consumer_buckets (version, bucket, epoch) VALUES (?, ?, 0)');
      for (let bucket = 0; bucket < bucketCount; bucket += 1) insert.run(version, bucket);
      db.statement('INSERT OR IGNORE INTO group_control (version, paused, revision) VALUES (?, 0, 0)').run(version);
    });
    const path = join(dataDir, 'instances.db');
    const instances = await SqliteDatabase.open({ path, synchronous: 'NORMAL', schema: INSTANCES_SCHEMA });
    return new EmbeddedGroupCoordination(db, instances, options);
  }

  async beat({ instanceId, beat, controlRevision }: Instance): Promise<void> {
    const { pid, startedAtTick, space } = markOf();
    await this.#instances.write(() =>
      this.#instances
        .statement(
          `INSERT INTO instances (consumer_group, version, instance_id, beat, control_revision, pid, started_at, space)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET beat = excluded.beat, control_revision = excluded.control_revision`,
        )
        .run(this.#group, this.#version, instanceId, beat, controlRevision, pid, startedAtTick, space),
    );
  }

  async instances(): Promise<readonly SeenInstance[]> {
    const rows = await this.#instances.read(() =>
      this.#instances
        .statement('SELECT * FROM instances WHERE consumer_group = ? AND version = ? ORDER BY instance_id')
        .all(this.#group, this.#version),
    );
    return (rows as unknown as InstanceRow[]).map((row) => ({
      instanceId: row.instance_id,
      beat: row.beat,
      controlRevision: row.control_revision,
      ended: hasEnded({ pid: row.pid, startedAtTick: row.started_at, space: row.space }),
    }));
  }

  async remove(instanceId: string): Promise<void> {
    await this.#instances.write(() =>
      this.#instances
        .statement('DELETE FROM instances WHERE consumer_group = ? AND version = ? AND instance_id = ?')
        .run(this.#group, this.#version, instanceId),
    );
  }

  buckets(): Promise<readonly BucketRow[]> {
    return this.#db.read(() => this.#selectBuckets());
  }

  async take(seen: BucketRow, instanceId: string): Promise<BucketClaim> {
    return this.#db.write((): BucketClaim => {
      const { changes } = this.#db
        .statement(
          `UPDATE consumer_buckets SET owner = ?, epoch = epoch + 1, handoff_to = NULL
           WHERE version = ? AND bucket = ? AND owner IS ? AND epoch = ?`,
        )
        .run(instanceId, this.#version, seen.bucket, seen.owner, seen.epoch);
      if (changes > 0) return { outcome: 'claimed', epoch: seen.epoch + 1 };
      return { outcome: 'held-by-other', row: this.#selectBuckets()[seen.bucket]! };
    });
  }

  async askFor(seen: BucketRow, instanceId: string): Promise<boolean> {
    return this.#db.write(() => {
      const { changes } = this.#db
        .statement(
          `UPDATE consumer_buckets SET handoff_to = ?
           WHERE version = ? AND bucket = ? AND owner IS ? AND epoch = ? AND handoff_to IS ?`,
        )
        .run(instanceId, this.#version, seen.bucket, seen.owner, seen.epoch, seen.handoffTo);
      return changes > 0;
    });
  }

  async release(bucket: number, epoch: number, instanceId: string, heir: string | null): Promise<void> {
    await this.#db.write(() =>
      this.#db
        .statement(
          `UPDATE consumer_buckets SET owner = ?, epoch = epoch + 1, handoff_to = NULL
           WHERE version = ? AND bucket = ? AND owner = ? AND epoch = ?`,
        )
        .run(heir, this.#version, bucket, instanceId, epoch),
    );
  }

  control(): Promise<GroupControl> {
    return this.#db.read(() => this.#selectControl());
  }

  setPaused(paused: boolean): Promise<GroupControl> {
    return this.#db.write(() => {
      this.#db
        .statement('UPDATE group_control SET paused = ?, revision = revision + 1 WHERE version = ? AND paused <> ?')
        .run(paused ? 1 : 0, this.#version, paused ? 1 : 0);
      return this.#selectControl();
    });
  }

  async request(action: AdminAction): Promise<void> {
    const { actionId, kind, aggregateId, bucket, sequenceNumber, reason, userId, requestedAt } = action;
    const tooOld = this.#clock.now() - RESULT_KEPT_MS;
    await this.#db.write(() => {
      this.#db.statement('DELETE FROM admin_actions WHERE version = ? AND completed_at < ?').run(this.#version, tooOld);
      this.#db
        .statement(
          `INSERT INTO admin_actions
             (version, action_id, kind, aggregate_id, bucket, sequence_number, reason, user_id, requested_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(this.#version, actionId, kind, aggregateId, bucket, sequenceNumber, reason, userId, requestedAt);
    });
  }

  async pendingActions(): Promise<readonly AdminAction[]> {
    const rows = await this.#db.read(() =>
      this.#db
        .statement(
          `SELECT * FROM admin_actions WHERE version = ? AND result IS NULL ORDER BY action_id LIMIT ${PENDING_ACTIONS_MAX}`,
        )
        .all(this.#version),
    );
    return (rows as unknown as ActionRow[]).map(actionOf);
  }

  async complete(actionId: string, result: ActionResult): Promise<void> {
    await this.#db.write(() =>
      this.#db
        .statement(
          `UPDATE admin_actions SET result = ?, completed_at = ? WHERE version = ? AND action_id = ? AND result IS NULL`,
        )
        .run(result, this.#clock.now(), this.#version, actionId),
    );
  }

  async actionResult(actionId: string): Promise<ActionResult | undefined> {
    const row = await this.#db.read(() =>
      this.#db
        .statement('SELECT result FROM admin_actions WHERE version = ? AND action_id = ?')
        .get(this.#version, actionId),
    );
    return (row?.['result'] as ActionResult | null | undefined) ?? undefined;
  }

  async close(): Promise<void> {
    this.#db.close();
    this.#instances.close();
  }

  #selectBuckets(): readonly BucketRow[] {
    return this.#db
      .statement(
        'SELECT bucket, owner, epoch, handoff_to AS handoffTo FROM consumer_buckets WHERE version = ? ORDER BY bucket',
      )
      .all(this.#version) as unknown as BucketRow[];
  }

  #selectControl(): GroupControl {
    const row = this.#db.statement('SELECT paused, revision FROM group_control WHERE version = ?').get(this.#version)!;
    return { paused: row['paused'] === 1, revision: row['revision'] as number };
  }
}

interface InstanceRow {
  readonly instance_id: string;
  readonly beat: number;
  readonly control_revision: number;
  readonly pid: number;
  readonly started_at: string | null;
  readonly space: string | null;
}

interface ActionRow {
  readonly action_id: string;
  readonly kind: AdminAction['kind'];
  readonly aggregate_id: string;
  readonly bucket: number;
  readonly sequence_number: number;
  readonly reason: string | null;
  readonly user_id: string | null;
  readonly requested_at: string;
}

function actionOf(row: ActionRow): AdminAction {
  return {
    actionId: row.action_id,
    kind: row.kind,
    aggregateId: row.aggregate_id,
    bucket: row.bucket,
    sequenceNumber: row.sequence_number,
    reason: row.reason,
    userId: row.user_id,
    requestedAt: row.requested_at,
  };
}
