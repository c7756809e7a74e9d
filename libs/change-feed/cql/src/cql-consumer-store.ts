import { BucketLostError, ConsumerStore, PARKED_LISTED_MAX } from '@chronicle/change-feed-core';
import type { Advance, Checkpoint, ParkedAggregate, Parking, Position } from '@chronicle/change-feed-core';
import { CqlUnknownOutcomeError, atOnce, cut } from '@chronicle/cql';
import type { BoundStatement, CqlPort, CqlRow, CqlValue } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { failpoint } from '@chronicle/seams';
import { groupName } from './group-name.js';
import type { CqlGroup } from './group-name.js';
import {
  POSITIONS_TOGETHER_MAX,
  listParked,
  movePosition,
  park,
  readCheckpoints,
  readEpochs,
  readParked,
  readPositions,
  readRevision,
  saveCheckpoint,
  unlistParked,
} from './store-statements.js';
import { ownerStamp, sequenceStamp } from './write-stamp.js';

/** Requests of one call under way at a time. */
const READS_AT_ONCE = 16;
const WRITES_AT_ONCE = 64;
const PARKED_KNOWN_MAX = 10_000;

/** Writes what a handler wants written, for a {@link CqlConsumerStore}. */
export interface EffectWriter<Effect> {
  /**
   * Writes the effects of these advances, before their positions are written; all are there when it resolves. Repeating is
   * harmless, and so is an advance of long ago: it writes with the timestamp of its sequence ({@link sequenceStamp}). What also
   * depends on being the only owner calls `refuseLost` when it is written: it throws `BucketLostError` if a bucket of these
   * advances has another owner by then, and no position is written. Throws `StoreUnavailableError`.
   */
  write(advances: readonly Advance<Effect>[], refuseLost: () => Promise<void>): Promise<void>;
  close?(): Promise<void>;
}

/** What a {@link CqlConsumerStore} is opened with. */
export interface CqlConsumerStoreOptions<Effect> extends CqlGroup {
  /** Connected to a migrated keyspace; stays its owner's to close. */
  readonly port: CqlPort;
  /** Closed with the store. Without it, effects are ignored. */
  readonly effects?: EffectWriter<Effect>;
  /** Parked aggregates that it remembers (default 10,000). With one more, it asks of all others that move whether they are parked. */
  readonly parkedKnownMax?: number;
}

/**
 * The memory of one consumer group on ScyllaDB or Cassandra, in writes that need no transaction: each carries a timestamp of its
 * own making, by which the database itself refuses what comes too late (see README). So an owner that does not know yet that it
 * is none any more, or a request that was long on its way, changes nothing.
 */
export class CqlConsumerStore<Effect = never> extends ConsumerStore<Effect> {
  readonly #port: CqlPort;
  readonly #group: CqlGroup;
  readonly #name: string;
  readonly #effects: EffectWriter<Effect> | undefined;
  readonly #revision: number;
  readonly #parkedKnownMax: number;
  /** Aggregates that were seen parked, or parked, by this store. */
  readonly #parked = new Set<string>();
  #forgotParked = false;
  #ownerWrites = 0;

  private constructor(options: CqlConsumerStoreOptions<Effect>, revision: number) {
    super();
    this.#port = options.port;
    this.#group = options;
    this.#name = groupName(options);
    this.#effects = options.effects;
    this.#revision = revision;
    this.#parkedKnownMax = options.parkedKnownMax ?? PARKED_KNOWN_MAX;
  }

  /** Opens the memory of a group at the revision that its table has now. Throws `StoreUnavailableError`. */
  static async open<Effect = never>(options: CqlConsumerStoreOptions<Effect>): Promise<CqlConsumerStore<Effect>> {
    const row = await options.port.readOne(readRevision, [options.group, options.version]);
    return new CqlConsumerStore(options, Number(row?.revision ?? 0));
  }

  async positions(aggregateIds: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const positions = new Map<string, Position>();
    await atOnce(cut(aggregateIds, POSITIONS_TOGETHER_MAX), READS_AT_ONCE, async (some) => {
      for await (const rows of this.#port.pages(readPositions, [...this.#ofVersion, some])) {
        for (const row of rows) {
          const aggregateId = row.aggregate_id as string;
          const position = positionOf(row);
          if (position.parked !== null) this.#rememberParked(aggregateId);
          positions.set(aggregateId, position);
        }
      }
    });
    return positions;
  }

  async checkpoints(): Promise<ReadonlyMap<number, string>> {
    const checkpoints = new Map<number, string>();
    for await (const rows of this.#port.pages(readCheckpoints, [this.#name])) {
      for (const row of rows) checkpoints.set(row.bucket as number, row.checkpoint as string);
    }
    return checkpoints;
  }

  /** As the port says; of a commit that fails, a part may have been written, which the repeat writes again. */
  async commit(advances: readonly Advance<Effect>[], checkpoints: readonly Checkpoint[]): Promise<void> {
    try {
      await this.#refuseLostBuckets([...advances, ...checkpoints]);
      const withEffects = advances.filter(({ effects }) => effects.length > 0);
      if (withEffects.length > 0) {
        await this.#effects?.write(withEffects, () => this.#refuseLostBuckets(withEffects));
      }
      await this.#move(advances);
      await failpoint('before-checkpoint');
      await this.#save(checkpoints);
    } catch (error) {
      if (!(error instanceof CqlUnknownOutcomeError)) throw error;
      throw new StoreUnavailableError(`a commit of ${this.#name}: ${error.message}`, { cause: error });
    }
  }

  async parked(isWanted: (parked: ParkedAggregate) => boolean = () => true): Promise<readonly ParkedAggregate[]> {
    let listed: Listed[] = [];
    for await (const rows of this.#port.pages(readParked, this.#ofVersion)) {
      const wanted = rows.map(listedOf).filter(({ aggregateId, parking }) => isWanted({ aggregateId, ...parking }));
      listed = [...listed, ...wanted].sort(byTimeParked).slice(0, PARKED_LISTED_MAX);
    }
    const positions = await this.positions(listed.map(({ aggregateId }) => aggregateId));
    const passed = listed.filter(({ aggregateId, parking }) => {
      const position = positions.get(aggregateId);
      return position?.parked === null && position.sequence >= parking.sequenceNumber;
    });
    await this.#port.writeAll(
      passed.map(({ aggregateId, stamp }) => ({
        statement: unlistParked,
        values: [stamp, ...this.#keyOf(aggregateId)],
      })),
    );
    if (passed.length > 0 && listed.length === PARKED_LISTED_MAX) return this.parked(isWanted);
    return listed.flatMap(({ aggregateId }) => {
      const parking = positions.get(aggregateId)?.parked ?? null;
      return parking === null ? [] : [{ aggregateId, ...parking }];
    });
  }

  /** Counts the list: of one that its owner took further and died, for a short while too many. */
  async parkedCount(): Promise<number> {
    let count = 0;
    for await (const rows of this.#port.pages(readParked, this.#ofVersion)) count += rows.length;
    return count;
  }

  async close(): Promise<void> {
    await this.#effects?.close?.();
  }

  /**
   * Tells an owner early that it is none any more. It need not be told in time: a bucket that is lost after this read is
   * written to in vain.
   */
  async #refuseLostBuckets(steps: readonly { readonly bucket: number; readonly epoch: number }[]): Promise<void> {
    if (steps.length === 0) return;
    const epochs = new Map<number, number>();
    for await (const rows of this.#port.pages(readEpochs, [this.#name])) {
      for (const row of rows) epochs.set(row.bucket as number, Number(row.epoch));
    }
    const lost = steps.find(({ bucket, epoch }) => epochs.get(bucket) !== epoch);
    if (lost) throw new BucketLostError(lost.bucket, lost.epoch);
  }

  /** All of a group lie in one partition. */
  async #save(checkpoints: readonly Checkpoint[]): Promise<void> {
    if (checkpoints.length === 0) return;
    await this.#port.writeTogether(
      checkpoints.map(({ bucket, epoch, checkpoint }) => ({
        statement: saveCheckpoint,
        values: [this.#ownerStamp(epoch), checkpoint, this.#name, bucket],
      })),
    );
  }

  /** Most positions are one write; those of aggregates that are parked, or perhaps were, are several. */
  async #move(advances: readonly Advance<Effect>[]): Promise<void> {
    const moves: BoundStatement[] = [];
    const others: (() => Promise<void>)[] = [];
    const perhapsParked = await this.#perhapsParked(advances);
    for (const { aggregateId, epoch, position } of advances) {
      const delay = failpoint('projection-after-write');
      if (delay !== undefined) await delay;
      const { sequence, state, parked } = position;
      const values = [sequenceStamp(this.#revision, sequence), BigInt(sequence), state, ...this.#keyOf(aggregateId)];
      const move = { statement: movePosition, values };
      if (parked === null && !perhapsParked.has(aggregateId)) moves.push(move);
      else others.push(() => this.#moveAndPark(aggregateId, move, this.#ownerStamp(epoch), parked));
    }
    await this.#port.writeAll(moves);
    await atOnce(others, WRITES_AT_ONCE, (other) => other());
  }

  /** Whoever is parked is listed, at any time: so it comes into the list first, and leaves it last. */
  async #moveAndPark(aggregateId: string, move: BoundStatement, stamp: bigint, parking: Parking | null): Promise<void> {
    const key = this.#keyOf(aggregateId);
    const text = parking === null ? null : JSON.stringify(parking);
    this.#rememberParked(aggregateId);
    if (text !== null) await this.#port.write(listParked, [stamp, text, ...key]);
    await this.#port.writeTogether([move, { statement: park, values: [stamp, text, ...key] }]);
    if (text !== null) return;
    await this.#port.write(unlistParked, [stamp, ...key]);
    this.#parked.delete(aggregateId);
  }

  #rememberParked(aggregateId: string): void {
    if (this.#parked.size < this.#parkedKnownMax) this.#parked.add(aggregateId);
    else this.#forgotParked = true;
  }

  /** Whom an advance may take out of the list: nobody else, for each delete leaves a tombstone in the list's one partition. */
  async #perhapsParked(advances: readonly Advance<Effect>[]): Promise<ReadonlySet<string>> {
    if (!this.#forgotParked) return this.#parked;
    const known = advances.filter(({ aggregateId }) => this.#parked.has(aggregateId));
    const unknown = advances.filter(({ aggregateId }) => !this.#parked.has(aggregateId));
    const stored = await this.positions(unknown.map(({ aggregateId }) => aggregateId));
    const found = unknown.filter(({ aggregateId }) => (stored.get(aggregateId)?.parked ?? null) !== null);
    return new Set([...known, ...found].map(({ aggregateId }) => aggregateId));
  }

  #ownerStamp(epoch: number): bigint {
    this.#ownerWrites += 1;
    return ownerStamp(epoch, this.#ownerWrites);
  }

  #keyOf(aggregateId: string): readonly CqlValue[] {
    return [...this.#ofVersion, aggregateId];
  }

  get #ofVersion(): readonly CqlValue[] {
    return [this.#group.group, this.#group.version];
  }
}

/** An entry of the list of the parked. */
interface Listed {
  readonly aggregateId: string;
  readonly parking: Parking;
  readonly stamp: bigint;
}

function listedOf(row: CqlRow): Listed {
  return {
    aggregateId: row.aggregate_id as string,
    parking: JSON.parse(row.parked as string) as Parking,
    stamp: row.stamp as bigint,
  };
}

function byTimeParked(left: Listed, right: Listed): number {
  return left.parking.since < right.parking.since ? -1 : 1;
}

/**
 * A parking counts until an owner has taken it back. One that stands there although the aggregate has passed its event comes of
 * an owner and its successor that judged differently, one of them late: then the aggregate stands still at its next event, for
 * people to see, since nobody knows which events were dropped for it.
 */
function positionOf(row: CqlRow): Position {
  const sequence = Number(row.sequence);
  const parking = row.parked === null ? null : (JSON.parse(row.parked as string) as Parking);
  const parked = parking && { ...parking, sequenceNumber: Math.max(parking.sequenceNumber, sequence + 1) };
  return { sequence, state: row.state as string | null, parked };
}
