import type { BucketReading } from './bucket-reading.js';
import { uuidText, type Micros } from './cdc-time.js';
import { BrokenLogGroupError, LogRowUnreadableError } from './errors.js';
import type { ReadableGeneration } from './generation-timeline.js';
import type { RawGroup } from './log-group.js';
import type { LogGroup } from './log-slice.js';
import type { PassPlan } from './pass-plan.js';
import { groupKey, isDue, placeGroup, type PlacedGroup } from './place-group.js';
import { lookBackFrom, type HandOut, type LaneItem, type LogTable, type ReaderTools } from './reader-tools.js';

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
      const placed = placeGroup(raw, generation, this.table, this.tools.options.bucketCount);
      const reading = this.#byBucket.get(placed.bucket);
      if (!reading) this.foreign += 1;
      if (!reading || reading.revoked || !this.#wanted(raw, placed, reading, youngest)) continue;
      try {
        const group = this.#decoded(raw, placed);
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

  #wanted(raw: RawGroup, placed: PlacedGroup, reading: BucketReading, youngest: Micros): boolean {
    const { plan } = this;
    if (!isDue(raw, placed, plan.from.get(reading) ?? raw.micros, plan)) return false;
    if (plan.pass === 'look-back') return true;
    const isNew = reading.take(groupKey(raw, placed), raw.micros, youngest);
    if (!isNew) this.repeats += 1;
    return isNew;
  }

  #decoded(raw: RawGroup, { bucket, defect }: PlacedGroup): LogGroup {
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
