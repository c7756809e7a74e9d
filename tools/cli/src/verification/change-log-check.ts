import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import type { CheckedSystem } from './checked-system.js';
import { Findings, fieldDifferences, type Difference } from './difference.js';
import { NOTHING, eventDigest, eventFields } from './digest.js';
import type { StepProgress } from './progress.js';
import type { Survey } from './survey.js';

/** Its name in differences. */
export const CHANGE_LOG = 'change log';
/** How many entries that the survey does not know (younger ones, normally) are looked up one by one; more are left out. */
export const UNKNOWN_EXAMINED_MAX = 10_000;

/** How long to leave a log that lacks events alone before reading it again. */
const READ_AGAIN_MS = 1_000;

export interface ChangeLogCheck {
  readonly system: CheckedSystem;
  readonly survey: Survey;
  readonly clock: Clock;
  /** On the monotonic clock: how long an event may still come, on an engine that logs it after it is committed. */
  readonly deadline: number;
  readonly progress: StepProgress;
}

/**
 * Change log = event store, as sets: every event of the survey that the log still keeps is there, unchanged, and nothing that was
 * never stored.
 */
export async function checkChangeLog(check: ChangeLogCheck): Promise<Findings> {
  const { survey, clock, deadline } = check;
  const reading = new LogReading(check);
  for (;;) {
    await reading.readWhole();
    const isComplete = survey.aggregatesLeft(survey.events).next().done;
    if (isComplete || reading.findings.full || clock.monotonic() >= deadline) break;
    await clock.sleep(READ_AGAIN_MS);
  }
  addMissing(survey, reading.findings);
  return reading.findings;
}

class LogReading {
  readonly findings = new Findings();
  private unknown = 0;

  constructor(private readonly check: ChangeLogCheck) {}

  async readWhole(): Promise<void> {
    const { system, survey, progress } = this.check;
    let read = 0;
    for await (const page of system.changeLog.feed.contents()) {
      for (const event of page) await this.take(event);
      read += page.length;
      progress(read, Math.max(read, survey.events.length));
      if (this.findings.full) return;
    }
  }

  private async take(event: StoredEvent): Promise<void> {
    const { system, survey } = this.check;
    const number = survey.eventNumber(event.aggregateId, event.sequenceNumber);
    const expected = number === undefined ? undefined : survey.events.get(number);
    if (number !== undefined) survey.events.set(number, NOTHING);
    if (expected === NOTHING || expected === eventDigest(event)) return;
    if (expected !== undefined || ++this.unknown <= UNKNOWN_EXAMINED_MAX) await examine(event, system, this.findings);
  }
}

async function examine(logged: StoredEvent, { events }: CheckedSystem, findings: Findings): Promise<void> {
  const stored = await storedEvent(events, logged);
  if (!stored) return findings.add(difference('surplus', logged));
  const fields = fieldDifferences(eventFields(stored), eventFields(logged));
  if (fields.length > 0) findings.add({ ...difference('different', logged), fields });
}

/** The event as the event store has it now. */
export async function storedEvent(
  events: CheckedSystem['events'],
  { aggregateId, sequenceNumber }: Pick<StoredEvent, 'aggregateId' | 'sequenceNumber'>,
): Promise<StoredEvent | undefined> {
  for await (const [event] of events.load(aggregateId, { from: sequenceNumber, to: sequenceNumber })) return event;
  return undefined;
}

function addMissing(survey: Survey, findings: Findings): void {
  for (const aggregateId of survey.aggregatesLeft(survey.events)) {
    for (const sequenceNumber of survey.left(survey.events, aggregateId)) {
      findings.add(difference('missing', { aggregateId, sequenceNumber }));
    }
    if (findings.full) return;
  }
}

type EventName = Pick<StoredEvent, 'aggregateId' | 'sequenceNumber'>;

function difference(kind: Difference['kind'], { aggregateId, sequenceNumber }: EventName): Difference {
  return { part: CHANGE_LOG, kind, aggregateId, sequenceNumber, key: null, fields: [], detail: '' };
}
