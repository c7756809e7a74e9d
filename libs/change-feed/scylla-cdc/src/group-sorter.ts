import type { BucketReading } from './bucket-reading.js';
import { uuidText, type Micros } from './cdc-time.js';
import { BrokenLogGroupError, LogRowUnreadableError, type GroupDefect } from './errors.js';
import type { ReadableGeneration } from './generation-timeline.js';
import { groupKey, type RawGroup } from './log-group.js';
import type { LogGroup } from './log-slice.js';
import { murmur3 } from './murmur3.js';
import type { PassPlan } from './pass-plan.js';
import { lookBackFrom, type HandOut, type LaneItem, type LogTable, type ReaderTools } from './reader-tools.js';
import { bucketOfToken } from './token-ring.js';

/** The bucket that a group belongs to, or the defect of its stream. */
export function placeGroup(
  group: RawGroup,
  { generation, end }: ReadableGeneration,
  { partitionKeyBytes }: LogTable,
  buckets: number,
): { readonly bucket: number; readonly defect: GroupDefect | undefined } {
  const row = group.rows[0];
  if (!partitionKeyBytes || !row) return { bucket: 0, defect: group.defect };
  const token = murmur3(partitionKeyBytes(row));
  const stream = generation.stream(group.stream);
  const ofGeneration = group.micros >= generation.begin && (end === undefined || group.micros < end);
  if (stream && ofGeneration && !stream.holds(token))
    return { bucket: stream.home, defect: group.defect ?? 'misplaced' };
  return { bucket: bucketOfToken(token, buckets), defect: group.defect };
}

/** Puts log groups to their buckets: drops those of others, those before the bucket's begin, and repeats. */
export class GroupSorter {
  groups = 0;
  repeats = 0;
  foreign = 0;
  readonly #byBucket: ReadonlyMap<number, BucketReading>;
  readonly table: LogTable;

  constructor(
    private readonly tools: ReaderTools,
    private readonly plan: PassPlan,
  ) {
    if (!tools.table) throw new Error('a pass began before the table was known');
    this.table = tools.table;
    this.#byBucket = new Map([...plan.from.keys()].map((reading) => [reading.bucket, reading]));
  }

  /** The slices of these groups, one per bucket, and the errors of those that cannot be handed out. */
  *sort(rawGroups: readonly RawGroup[], generation: ReadableGeneration): Generator<LaneItem, void> {
    const found = new Map<BucketReading, LogGroup[]>();
    const errors: Error[] = [];
    const youngest = lookBackFrom(this.tools);
    for (const raw of rawGroups) {
      const { bucket, defect } = placeGroup(raw, generation, this.table, this.tools.options.bucketCount);
      const reading = this.#byBucket.get(bucket);
      if (!reading) this.foreign += 1;
      if (!reading || reading.revoked || !this.#wanted(raw, reading, defect, youngest)) continue;
      try {
        const group = this.#decoded(raw, reading, defect);
        const groups = found.get(reading);
        if (groups) groups.push(group);
        else found.set(reading, [group]);
        this.groups += 1;
      } catch (error) {
        reading.revoked = true;
        errors.push(error as Error);
      }
    }
    const handOuts = [...found].map(([reading, groups]) => this.#handOut(reading, groups));
    if (handOuts.length > 0) yield { handOuts };
    for (const error of errors) yield { error };
  }

  #wanted(raw: RawGroup, reading: BucketReading, defect: GroupDefect | undefined, youngest: Micros): boolean {
    const { pass, from, settledBefore } = this.plan;
    if (raw.micros < (from.get(reading) ?? raw.micros)) return false;
    if (defect !== undefined && raw.micros >= settledBefore) return false;
    if (pass === 'look-back') return true;
    const isNew = reading.take(groupKey(raw) + (defect ?? ''), raw.micros, youngest);
    if (!isNew) this.repeats += 1;
    return isNew;
  }

  #decoded(raw: RawGroup, { bucket }: BucketReading, defect: GroupDefect | undefined): LogGroup {
    const { options } = this.tools;
    if (defect !== undefined) {
      const error = new BrokenLogGroupError(bucket, defect, raw.streamId.toString('hex'), uuidText(raw.time));
      if (options.brokenGroups === 'refuse') throw error;
      options.observer.brokenGroup?.(error);
    }
    return {
      streamId: raw.streamId,
      time: raw.time,
      timeMicros: raw.micros,
      changes: this.#changes(raw, bucket),
      ...(defect !== undefined && { defect }),
    };
  }

  #changes(raw: RawGroup, bucket: number): LogGroup['changes'] {
    try {
      return this.table.decoder.decode(raw.rows, raw.columns);
    } catch (error) {
      const where = `${uuidText(raw.time)} of stream ${raw.streamId.toString('hex')}`;
      throw new LogRowUnreadableError(bucket, `${(error as Error).message} in the log group ${where}`);
    }
  }

  #handOut(reading: BucketReading, groups: readonly LogGroup[]): HandOut {
    return { reading, slice: { bucket: reading.bucket, pass: this.plan.pass, groups, checkpoint: null } };
  }
}
