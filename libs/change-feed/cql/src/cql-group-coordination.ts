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
import { CqlUnknownOutcomeError } from '@chronicle/cql';
import type { ConditionalResult, CqlPort, CqlRow, CqlValue, Statement } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import {
  askForBucket,
  beatInstance,
  changeControl,
  completeAction,
  enterInstance,
  giveBucket,
  readAction,
  readActions,
  readBuckets,
  readControl,
  readInstances,
  removeInstance,
  requestAction,
} from './coordination-statements.js';
import { groupName } from './group-name.js';
import type { CqlGroup } from './group-name.js';

const PENDING_ACTIONS_MAX = 100;
/** Attempts at the switch while others turn it too. */
const SWITCH_ATTEMPTS_MAX = 10;

/** What a {@link CqlGroupCoordination} is opened with. */
export interface CqlGroupCoordinationOptions extends CqlGroup {
  /** Connected to a migrated keyspace; stays its owner's to close. */
  readonly port: CqlPort;
  /** How many buckets the group shares out: the feed's. */
  readonly bucketCount: number;
}

/**
 * Instances, buckets, switch and actions of a consumer group, each change a conditional write (LWT) of one row, which takes
 * effect only if the row still is as it was seen. Nobody can tell here whether a process has ended, so instances are never
 * `ended`: their heartbeat has to stand still.
 */
export class CqlGroupCoordination extends GroupCoordination {
  readonly #port: CqlPort;
  readonly #group: string;
  readonly #bucketCount: number;

  private constructor({ port, bucketCount, ...group }: CqlGroupCoordinationOptions) {
    super();
    this.#port = port;
    this.#group = groupName(group);
    this.#bucketCount = bucketCount;
  }

  /** Opens the coordination; rows come into being when they are first written. */
  static async open(options: CqlGroupCoordinationOptions): Promise<CqlGroupCoordination> {
    return new CqlGroupCoordination(options);
  }

  async beat({ instanceId, beat, controlRevision }: Instance): Promise<void> {
    const values = [BigInt(beat), BigInt(controlRevision)];
    const { applied } = await this.#change(beatInstance, [...values, this.#group, instanceId]);
    if (!applied) await this.#change(enterInstance, [this.#group, instanceId, ...values]);
  }

  async instances(): Promise<readonly SeenInstance[]> {
    return (await this.#all(readInstances)).map((row) => ({
      instanceId: row.instance_id as string,
      beat: Number(row.beat),
      controlRevision: Number(row.control_revision),
      ended: false,
    }));
  }

  async remove(instanceId: string): Promise<void> {
    await this.#change(removeInstance, [this.#group, instanceId]);
  }

  async buckets(): Promise<readonly BucketRow[]> {
    const rows = new Map((await this.#all(readBuckets)).map((row) => [row.bucket as number, row]));
    return Array.from({ length: this.#bucketCount }, (_, bucket) => bucketRow(bucket, rows.get(bucket)));
  }

  async take(seen: BucketRow, instanceId: string): Promise<BucketClaim> {
    const epoch = seen.epoch + 1;
    try {
      const { applied } = await this.#port.writeIf([this.#give(seen, instanceId)]);
      if (applied) return { outcome: 'claimed', epoch };
    } catch (cause) {
      if (cause instanceof CqlUnknownOutcomeError) return { outcome: 'unknown', cause };
      throw cause;
    }
    return { outcome: 'held-by-other', row: (await this.buckets())[seen.bucket]! };
  }

  async askFor(seen: BucketRow, instanceId: string): Promise<boolean> {
    const { bucket, owner, epoch, handoffTo } = seen;
    const values = [instanceId, this.#group, bucket, owner, epochValue(epoch), handoffTo];
    return (await this.#change(askForBucket, values)).applied;
  }

  async release(bucket: number, epoch: number, instanceId: string, heir: string | null): Promise<void> {
    const { statement, values } = this.#give({ bucket, epoch, owner: instanceId }, heir);
    await this.#change(statement, values);
  }

  async control(): Promise<GroupControl> {
    const row = await this.#port.readOne(readControl, [this.#group]);
    return { paused: row?.paused === true, revision: Number(row?.revision ?? 0) };
  }

  async setPaused(paused: boolean): Promise<GroupControl> {
    for (let attempt = 0; attempt < SWITCH_ATTEMPTS_MAX; attempt += 1) {
      const seen = await this.control();
      if (seen.paused === paused) return seen;
      const revision = seen.revision + 1;
      const values = [paused, BigInt(revision), this.#group, seen.revision === 0 ? null : BigInt(seen.revision)];
      if ((await this.#change(changeControl, values)).applied) return { paused, revision };
    }
    throw new StoreUnavailableError(`others keep turning the switch of ${this.#group}: try again`);
  }

  async request(action: AdminAction): Promise<void> {
    const { actionId, ...order } = action;
    await this.#change(requestAction, [this.#group, actionId, JSON.stringify(order)]);
  }

  async pendingActions(): Promise<readonly AdminAction[]> {
    const pending = (await this.#all(readActions)).filter((row) => row.action !== null && row.result === null);
    return pending
      .map((row) => ({ actionId: row.action_id as string, ...(JSON.parse(row.action as string) as Order) }))
      .sort((left, right) => (left.actionId < right.actionId ? -1 : 1))
      .slice(0, PENDING_ACTIONS_MAX);
  }

  async complete(actionId: string, result: ActionResult): Promise<void> {
    await this.#change(completeAction, [result, this.#group, actionId, null]);
  }

  async actionResult(actionId: string): Promise<ActionResult | undefined> {
    const row = await this.#port.readOne(readAction, [this.#group, actionId]);
    if (row === undefined || row.action === null) return undefined; // a result that nobody asked for
    return (row.result as ActionResult | null) ?? undefined;
  }

  async close(): Promise<void> {
    // Holds nothing: the port is its owner's.
  }

  #give(from: Pick<BucketRow, 'bucket' | 'owner' | 'epoch'>, owner: string | null) {
    const { bucket, epoch } = from;
    const values = [owner, BigInt(epoch + 1), null, this.#group, bucket, from.owner, epochValue(epoch)];
    return { statement: giveBucket, values };
  }

  /** A change of unknown outcome counts as not made: whoever asks again finds out by reading. */
  async #change(statement: Statement, values: readonly CqlValue[]): Promise<ConditionalResult> {
    try {
      return await this.#port.writeIf([{ statement, values }]);
    } catch (error) {
      if (!(error instanceof CqlUnknownOutcomeError)) throw error;
      throw new StoreUnavailableError(`${statement.name}: ${error.message}`, { cause: error });
    }
  }

  async #all(read: Statement): Promise<readonly CqlRow[]> {
    const all: CqlRow[] = [];
    for await (const rows of this.#port.pages(read, [this.#group])) all.push(...rows);
    return all;
  }
}

type Order = Omit<AdminAction, 'actionId'>;

function bucketRow(bucket: number, row: CqlRow | undefined): BucketRow {
  return {
    bucket,
    owner: (row?.owner as string | null | undefined) ?? null,
    epoch: Number(row?.epoch ?? 0),
    handoffTo: (row?.handoff_to as string | null | undefined) ?? null,
  };
}

/** As the column has it: null before the first owner. */
function epochValue(epoch: number): bigint | null {
  return epoch === 0 ? null : BigInt(epoch);
}
