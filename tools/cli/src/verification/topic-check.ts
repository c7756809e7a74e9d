import type { Position } from '@chronicle/change-feed-core';
import type { TopicRecord } from '@chronicle/relay-core';
import type { Clock } from '@chronicle/seams';
import { UNKNOWN_EXAMINED_MAX, storedEvent } from './change-log-check.js';
import type { CheckedSystem } from './checked-system.js';
import { Column } from './column.js';
import { Findings, fieldDifferences, type Difference } from './difference.js';
import { NOTHING, messageDigest, messageFields } from './digest.js';
import type { StepProgress } from './progress.js';
import { settle, standing } from './settle.js';
import type { Survey } from './survey.js';

export interface TopicCheck {
  readonly system: CheckedSystem;
  readonly survey: Survey;
  readonly clock: Clock;
  /** On the monotonic clock: how long the publisher is given to come as far as the survey. */
  readonly deadline: number;
  readonly progress: StepProgress;
}

/**
 * The topic is complete and in order: per key, the first occurrences of the aggregate's events follow one another in one
 * partition, with the fields that the events give, and nothing is there that was never stored. Repeats are allowed.
 */
export async function checkTopic(check: TopicCheck): Promise<Findings> {
  const reading = new TopicReading(check);
  await reading.readOn();
  await settle(check.survey.aggregatesLeft(check.survey.messages), {
    progress: check.system.topic.progress,
    requiredVersion: (aggregateId) => check.survey.version(aggregateId),
    examine: async (aggregateId, position) => {
      // Nothing that the publisher has handled by `position` can be missing after this.
      await reading.readOn();
      return reading.missing(aggregateId, position);
    },
    findings: reading.findings,
    clock: check.clock,
    deadline: check.deadline,
  });
  return reading.findings;
}

class TopicReading {
  readonly findings = new Findings();
  /** By partition: the offset to read next. */
  private readonly offsets: number[] = [];
  /** By aggregate number: the highest sequence met, and the partition (+ 1) in which it was first met. */
  private readonly highest = new Column();
  private readonly homes = new Column();
  private read = 0;
  private unknown = 0;

  constructor(private readonly check: TopicCheck) {
    for (let aggregate = 0; aggregate < check.survey.aggregates.size; aggregate += 1) {
      this.highest.push(0);
      this.homes.push(0);
    }
  }

  /** Reads every partition from where it stopped to the end that it has now. */
  async readOn(): Promise<void> {
    const { reader } = this.check.system.topic;
    const partitions = await reader.partitions();
    for (let partition = 0; partition < partitions; partition += 1) {
      const end = await reader.end(partition);
      while (!this.findings.full && (this.offsets[partition] ?? 0) < end) {
        const page = await reader.read(partition, this.offsets[partition] ?? 0);
        for (const record of page) await this.take(record);
        this.offsets[partition] = page.length === 0 ? end : page.at(-1)!.offset + 1;
        this.read += page.length;
        this.check.progress(this.read, Math.max(this.read, this.check.survey.messages.length));
      }
    }
  }

  /** What was not met of an aggregate. */
  missing(aggregateId: string, position: Position): readonly Difference[] {
    const { survey, system } = this.check;
    return survey.left(survey.messages, aggregateId).map((sequenceNumber) => {
      const isLate = position.sequence < sequenceNumber;
      const detail = isLate ? standing(system.topic.progress.group, position) : '';
      return this.difference(isLate ? 'behind' : 'missing', aggregateId, sequenceNumber, detail);
    });
  }

  private async take(record: TopicRecord): Promise<void> {
    const { survey } = this.check;
    const sequence = sequenceOf(record);
    const number = survey.eventNumber(record.key, sequence);
    if (number === undefined) return this.takeUnknown(record, sequence);
    this.checkPartition(record, sequence);
    const expected = survey.messages.get(number);
    if (expected === NOTHING) return; // a repeat
    survey.messages.set(number, NOTHING);
    this.checkOrder(record, sequence);
    if (expected !== messageDigest(record)) await this.compare(record, sequence);
  }

  private checkPartition({ key, partition, offset }: TopicRecord, sequence: number): void {
    const aggregate = this.check.survey.aggregates.find(key)!;
    const home = this.homes.get(aggregate);
    if (home === 0) this.homes.set(aggregate, partition + 1);
    else if (home !== partition + 1) {
      const detail = `in partition ${partition} at offset ${offset}, others of its key in partition ${home - 1}`;
      this.findings.add(this.difference('out-of-order', key, sequence, detail));
    }
  }

  private checkOrder({ key, partition, offset }: TopicRecord, sequence: number): void {
    const aggregate = this.check.survey.aggregates.find(key)!;
    const highest = this.highest.get(aggregate);
    if (sequence > highest) return this.highest.set(aggregate, sequence);
    const detail = `first met at partition ${partition}, offset ${offset}, after ${highest}`;
    this.findings.add(this.difference('out-of-order', key, sequence, detail));
  }

  /** A message that the survey does not know: younger than it, or of no event. */
  private async takeUnknown(record: TopicRecord, sequence: number): Promise<void> {
    this.unknown += 1;
    if (this.unknown <= UNKNOWN_EXAMINED_MAX) await this.compare(record, sequence);
  }

  private async compare(record: TopicRecord, sequence: number): Promise<void> {
    const { events, topic } = this.check.system;
    const place = `partition ${record.partition}, offset ${record.offset}`;
    const name = { aggregateId: record.key, sequenceNumber: sequence };
    const stored = Number.isSafeInteger(sequence) && sequence > 0 ? await storedEvent(events, name) : undefined;
    if (!stored) return this.findings.add(this.difference('surplus', record.key, sequence, place));
    const fields = fieldDifferences(messageFields(topic.toMessage(stored)), messageFields(record));
    if (fields.length === 0) return;
    this.findings.add({ ...this.difference('different', record.key, sequence, place), fields });
  }

  private difference(kind: Difference['kind'], aggregateId: string, sequence: number, detail: string): Difference {
    const sequenceNumber = Number.isSafeInteger(sequence) ? sequence : null;
    return { part: this.check.system.topic.name, kind, aggregateId, sequenceNumber, key: null, fields: [], detail };
  }
}

/** NaN when the message says none. */
function sequenceOf({ headers }: TopicRecord): number {
  return Number(headers['ce_sequence'] ?? NaN);
}
