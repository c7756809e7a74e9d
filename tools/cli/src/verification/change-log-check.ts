import type { StoredEvent } from '@chronicle/event-sourcing-core';
import type { CheckedSystem } from './checked-system.js';
import { Findings, fieldDifferences, type Difference } from './difference.js';
import { NOTHING, eventDigest, eventFields } from './digest.js';
import type { StepProgress } from './progress.js';
import type { Survey } from './survey.js';

/** Its name in differences. */
export const CHANGE_LOG = 'change log';
/** How many entries that the survey does not know (younger ones, normally) are looked up one by one; more are left out. */
export const UNKNOWN_EXAMINED_MAX = 10_000;

/** Change log = event store, as sets: every event of the survey is there, unchanged, and nothing that was never stored. */
export async function checkChangeLog(system: CheckedSystem, survey: Survey, progress: StepProgress): Promise<Findings> {
  const findings = new Findings();
  const total = survey.events.length;
  let read = 0;
  let unknown = 0;
  for await (const page of system.changeLog.contents()) {
    for (const event of page) {
      const number = survey.eventNumber(event.aggregateId, event.sequenceNumber);
      const expected = number === undefined ? undefined : survey.events.get(number);
      if (number !== undefined) survey.events.set(number, NOTHING);
      if (expected === NOTHING || expected === eventDigest(event)) continue;
      if (expected !== undefined || ++unknown <= UNKNOWN_EXAMINED_MAX) await examine(event, system, findings);
    }
    read += page.length;
    progress(read, Math.max(read, total));
    if (findings.full) return findings;
  }
  addMissing(survey, findings);
  return findings;
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
