import { isDeepStrictEqual } from 'node:util';
import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import type { OrderCommand } from '@chronicle/tool-system';
import { outcomeOf } from './client-journal.js';
import type { SentCommand } from './client-journal.js';

/** What does not fit between what clients were told and what is stored, by the invariant that it breaks. */
export interface JournalFindings {
  /** Invariant 1: what was told is what is stored. */
  readonly told: readonly string[];
  /** Invariant 2: sequences are 1..n. */
  readonly sequences: readonly string[];
  /** Invariant 9: one key, one answer. */
  readonly answers: readonly string[];
  readonly events: number;
  readonly aggregates: number;
}

const EVENT_TYPES: Record<OrderCommand['command'], string> = {
  ...{ create: 'OrderCreated', items: 'OrderItemsUpdated', confirm: 'OrderConfirmed', ship: 'OrderShipped' },
  ...{ deliver: 'OrderDelivered', cancel: 'OrderCancelled' },
};

/** Holds everything that clients were told against everything that is stored. Memory grows with both. */
export async function checkJournal(
  commands: readonly SentCommand[],
  events: Pick<EventStore, 'streamAll'>,
): Promise<JournalFindings> {
  const byCause = new Map<string, StoredEvent[]>();
  const versions = new Map<string, number>();
  const sequences: string[] = [];
  let count = 0;
  for await (const page of events.streamAll()) {
    for (const event of page.events) {
      count += 1;
      const expected = (versions.get(event.aggregateId) ?? 0) + 1;
      if (event.sequenceNumber !== expected)
        sequences.push(`order ${event.aggregateId}: event ${event.sequenceNumber} where ${expected} comes next`);
      versions.set(event.aggregateId, event.sequenceNumber);
      byCause.set(event.causationId, [...(byCause.get(event.causationId) ?? []), event]);
    }
  }
  const told = commands.flatMap((sent) => contradictions(sent, byCause.get(sent.causationId) ?? []));
  const asked = new Set(commands.map(({ causationId }) => causationId));
  for (const [cause, [event]] of byCause)
    if (!asked.has(cause)) told.push(`${describeEvent(event!)} was asked for by no client`);
  return { told, sequences, answers: commands.flatMap(otherAnswers), events: count, aggregates: versions.size };
}

/** What its sender was told of a command, against the events that came of it. */
function contradictions(sent: SentCommand, events: readonly StoredEvent[]): readonly string[] {
  const found = events.map(describeEvent).join(', ') || 'no event';
  const name = describe(sent);
  const outcome = outcomeOf(sent);
  if (events.length > 1) return [`${name}, ${outcome}, was carried out ${events.length} times: ${found}`];
  const [event] = events;
  if (!event)
    return outcome === 'ok' ? [`${name} was accepted as version ${versionTold(sent)}: no event of it is stored`] : [];
  if (outcome === 'refused') return [`${name} was refused, and carried out: ${found}`];
  const last = sent.attempts.at(-1)!;
  if (outcome === 'unknown' && last.outcome === 'refused' && last.atRest)
    return [`${name} was refused in the end, and carried out: ${found}`];
  if (outcome === 'ok' && (event.aggregateId !== sent.orderId || event.sequenceNumber !== versionTold(sent)))
    return [`${name} was accepted as version ${versionTold(sent)}, and is stored as ${found}`];
  return isOf(event, sent.command) ? [] : [`${name} is stored as something else: ${found} ${event.eventData}`];
}

function isOf(event: StoredEvent, { command, ...fields }: OrderCommand): boolean {
  const data = JSON.parse(event.eventData) as Record<string, unknown>;
  if (event.eventType !== EVENT_TYPES[command] || data['orderId'] !== event.aggregateId) return false;
  return Object.entries(fields).every(([field, value]) => isDeepStrictEqual(data[field], value));
}

function otherAnswers(sent: SentCommand): readonly string[] {
  const answers = new Set(sent.attempts.flatMap(({ answer }) => answer ?? []));
  return answers.size > 1 ? [`${describe(sent)} got different answers: ${[...answers].join(' and ')}`] : [];
}

function versionTold({ attempts }: SentCommand): number | null {
  return attempts.find(({ outcome }) => outcome === 'ok')!.version;
}

function describe({ command, orderId, causationId, key, attempts }: SentCommand): string {
  const told = attempts
    .map(({ outcome, status, code }) => [outcome, status, code].filter(Boolean).join(' '))
    .join(', ');
  return `${command.command} of order ${orderId} (causation ${causationId}, key ${key}; told ${told})`;
}

function describeEvent({ aggregateId, sequenceNumber, eventType }: StoredEvent): string {
  return `event ${sequenceNumber} of order ${aggregateId} (${eventType})`;
}
