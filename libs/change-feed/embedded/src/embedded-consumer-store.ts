import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { BucketLostError, ConsumerStore, PARKED_LISTED_MAX } from '@chronicle/change-feed-core';
import type { Advance, Checkpoint, ParkedAggregate, Parking, Position } from '@chronicle/change-feed-core';
import { failpointSync } from '@chronicle/seams';
import type { SqliteDatabase } from '@chronicle/sqlite';
import { openGroupFile } from './group-file.js';
import type { GroupFile } from './group-file.js';

/**
 * A transaction ends with the step that makes it this long: the event loop must turn. Its COMMIT takes about as long again, and
 * three times that when it is the one that moves the WAL into the file. Milliseconds.
 */
const TRANSACTION_MS_MAX = 8;

/** What an {@link EmbeddedConsumerStore} is opened with. */
export interface EmbeddedConsumerStoreOptions<Effect> extends GroupFile {
  /** Creates what {@link applyEffects} writes to; called once, in a transaction, and safe to repeat. */
  readonly createTables?: (db: SqliteDatabase) => void;
  /**
   * Writes the effects of one aggregate's step. Called inside the transaction that moves its position, so both are there or
   * neither; synchronous, and possibly again after a rollback. Without it, effects are ignored.
   */
  readonly applyEffects?: (db: SqliteDatabase, aggregateId: string, effects: readonly Effect[]) => void;
}

/** The memory of one consumer group in `<group>.db`: positions, checkpoints and effects move in one transaction. */
export class EmbeddedConsumerStore<Effect = never> extends ConsumerStore<Effect> {
  readonly #db: SqliteDatabase;
  readonly #version: number;
  readonly #applyEffects: EmbeddedConsumerStoreOptions<Effect>['applyEffects'];

  private constructor(db: SqliteDatabase, options: EmbeddedConsumerStoreOptions<Effect>) {
    super();
    this.#db = db;
    this.#version = options.version ?? 1;
    this.#applyEffects = options.applyEffects;
  }

  /** Opens the file of the group, made if need be. Throws what `SqliteDatabase.open` throws. */
  static async open<Effect = never>(
    options: EmbeddedConsumerStoreOptions<Effect>,
  ): Promise<EmbeddedConsumerStore<Effect>> {
    const db = await openGroupFile(options);
    const { createTables } = options;
    if (createTables !== undefined) await db.write(() => createTables(db));
    return new EmbeddedConsumerStore(db, options);
  }

  async positions(aggregateIds: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const positions = new Map<string, Position>();
    let index = 0;
    while (index < aggregateIds.length) {
      if (index > 0) await turnOfEventLoop();
      await this.#db.read(() => {
        const select = this.#db.statement(
          'SELECT sequence, state, parked FROM projection_state WHERE version = ? AND aggregate_id = ?',
        );
        const until = performance.now() + TRANSACTION_MS_MAX;
        for (; index < aggregateIds.length && performance.now() < until; index += 1) {
          const row = select.get(this.#version, aggregateIds[index]!) as PositionRow | undefined;
          if (row !== undefined) positions.set(aggregateIds[index]!, positionOf(row));
        }
      });
    }
    return positions;
  }

  async checkpoints(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#db.read(() =>
      this.#db.statement('SELECT bucket, checkpoint FROM consumer_checkpoints WHERE version = ?').all(this.#version),
    );
    return new Map(rows.map((row) => [row['bucket'] as number, row['checkpoint'] as string]));
  }

  /** As the port says; a large commit is several transactions, of which the last one carries the checkpoints. */
  async commit(advances: readonly Advance<Effect>[], checkpoints: readonly Checkpoint[]): Promise<void> {
    let written = 0;
    for (;;) {
      await turnOfEventLoop(); // the batch was read and handled in this turn
      const from = written;
      written = await this.#db.write(() => {
        this.#fence([...advances, ...checkpoints]);
        const reached = this.#writeAdvances(advances, from);
        if (reached === advances.length) this.#writeCheckpoints(checkpoints);
        return reached;
      });
      if (written === advances.length) return;
    }
  }

  async parked(isWanted: (parked: ParkedAggregate) => boolean = () => true): Promise<readonly ParkedAggregate[]> {
    const wanted: ParkedAggregate[] = [];
    for (let page: readonly ParkedAggregate[] | undefined; page === undefined || page.length === PARKED_LISTED_MAX;) {
      page = await this.#parkedAfter(page?.at(-1));
      wanted.push(...page.filter(isWanted));
      if (wanted.length >= PARKED_LISTED_MAX) break;
    }
    return wanted.slice(0, PARKED_LISTED_MAX);
  }

  async #parkedAfter(last: ParkedAggregate | undefined): Promise<readonly ParkedAggregate[]> {
    const rows = await this.#db.read(() =>
      this.#db
        .statement(
          `SELECT aggregate_id, parked FROM projection_state
           WHERE version = ? AND parked IS NOT NULL AND (parked_since, aggregate_id) > (?, ?)
           ORDER BY parked_since, aggregate_id LIMIT ${PARKED_LISTED_MAX}`,
        )
        .all(this.#version, last?.since ?? '', last?.aggregateId ?? ''),
    );
    return rows.map((row) => ({ aggregateId: row['aggregate_id'] as string, ...parkingOf(row['parked'] as string)! }));
  }

  async parkedCount(): Promise<number> {
    const sql = 'SELECT count(*) AS parked FROM projection_state WHERE version = ? AND parked IS NOT NULL';
    const row = await this.#db.read(() => this.#db.statement(sql).get(this.#version)!);
    return row['parked'] as number;
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  /** Refuses a step for a bucket that is in another epoch by now. */
  #fence(steps: readonly { readonly bucket: number; readonly epoch: number }[]): void {
    const select = this.#db.statement('SELECT epoch FROM consumer_buckets WHERE version = ? AND bucket = ?');
    const epochs = new Map<number, number>();
    for (const { bucket, epoch } of steps) {
      let current = epochs.get(bucket);
      if (current === undefined) {
        current = (select.get(this.#version, bucket)?.['epoch'] as number | undefined) ?? 0;
        epochs.set(bucket, current);
      }
      if (current !== epoch) throw new BucketLostError(bucket, epoch);
    }
  }

  /** Writes from `from` on until time is up; returns where it came to. */
  #writeAdvances(advances: readonly Advance<Effect>[], from: number): number {
    const move = this.#db.statement(
      `INSERT INTO projection_state (version, aggregate_id, sequence, state, parked_since, parked) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
         parked_since = excluded.parked_since, parked = excluded.parked
       WHERE excluded.sequence > sequence OR (excluded.sequence = sequence AND excluded.parked IS NOT parked)`,
    );
    const until = performance.now() + TRANSACTION_MS_MAX;
    for (let index = from; index < advances.length; index += 1) {
      const { aggregateId, position, effects } = advances[index]!;
      const { sequence, state, parked } = position;
      const parkedText = parked === null ? null : JSON.stringify(parked);
      const { changes } = move.run(this.#version, aggregateId, sequence, state, parked?.since ?? null, parkedText);
      if (changes > 0 && effects.length > 0) this.#applyEffects?.(this.#db, aggregateId, effects);
      failpointSync('projection-after-write');
      if (performance.now() >= until) return index + 1;
    }
    return advances.length;
  }

  #writeCheckpoints(checkpoints: readonly Checkpoint[]): void {
    failpointSync('before-checkpoint');
    const save = this.#db.statement(
      `INSERT INTO consumer_checkpoints (version, bucket, checkpoint) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET checkpoint = excluded.checkpoint`,
    );
    for (const { bucket, checkpoint } of checkpoints) save.run(this.#version, bucket, checkpoint);
  }
}

interface PositionRow {
  readonly sequence: number;
  readonly state: string | null;
  readonly parked: string | null;
}

function positionOf({ sequence, state, parked }: PositionRow): Position {
  return { sequence, state, parked: parkingOf(parked) };
}

function parkingOf(text: string | null): Parking | null {
  return text === null ? null : (JSON.parse(text) as Parking);
}
