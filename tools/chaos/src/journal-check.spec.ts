import { InMemoryEventStore } from '@chronicle/event-sourcing-core';
import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { ManualClock } from '@chronicle/seams';
import type { Attempt, SentCommand } from './client-journal.js';
import { checkJournal } from './journal-check.js';

const ORDER = '019ac0de-0000-7000-8000-00000000000a';
const CAUSE = '019ac0de-0000-7000-8000-00000000000c';
const NOW = '2026-11-25T19:03:21.123Z';

const OK: Attempt = {
  ...{ outcome: 'ok', status: 200, code: null, version: 1, answer: 'first' },
  ...{ atRest: false, sentAtMs: 0, tookMs: 5, impatient: false },
};
const REFUSED: Attempt = {
  ...OK,
  outcome: 'refused',
  status: 409,
  code: 'order-rule-violated',
  version: null,
  answer: null,
};
const UNKNOWN: Attempt = { ...OK, outcome: 'unknown', status: null, version: null, answer: null };

/** A cancellation as its sender knows it. */
function sent(...attempts: Attempt[]): SentCommand {
  const command = { command: 'cancel', orderId: ORDER, reason: 'late' } as const;
  return { causationId: CAUSE, command, key: 'k', ifMatch: null, orderId: ORDER, attempts };
}

interface Stored {
  readonly causationId?: string;
  readonly data?: object;
  readonly type?: string;
}

/** What a store holds in which these events were appended to {@link ORDER}, one after another. */
async function storeOf(...events: readonly Stored[]): Promise<EventStore> {
  const store = new InMemoryEventStore(new ManualClock());
  for (const [index, { causationId = CAUSE, data, type = 'OrderCancelled' }] of events.entries()) {
    await store.append({
      ...{ aggregateId: ORDER, aggregateType: 'Order', expected: 'any', now: NOW },
      command: { key: `${index}`, bodyHash: '' },
      events: [
        {
          ...{ eventId: `event ${index}`, eventType: type, eventVersion: 1, correlationId: 'flow', causationId },
          ...{ eventData: JSON.stringify(data ?? { orderId: ORDER, reason: 'late' }), userId: null, metadata: {} },
        },
      ],
    });
  }
  return store;
}

async function check(command: SentCommand, ...events: readonly Stored[]) {
  const { told, answers } = await checkJournal([command], await storeOf(...events));
  return [...told, ...answers];
}

describe('what clients were told', () => {
  it.each([
    ['accepted, and stored where it was told', sent(OK), 1],
    ['accepted after an unknown attempt, and stored once', sent(UNKNOWN, OK), 1],
    ['unknown, and stored', sent(UNKNOWN), 1],
    ['unknown, and not stored', sent(UNKNOWN), 0],
    [
      'unknown, then refused, and stored: the first attempt was carried out after the second',
      sent(UNKNOWN, REFUSED),
      1,
    ],
    ['refused, and not stored', sent(REFUSED, REFUSED), 0],
    ['accepted twice with one answer', sent(OK, OK), 1],
  ])('given a command that was %s, then it fits', async (_, command, events) => {
    expect(await check(command, ...Array.from({ length: events }, () => ({})))).toEqual([]);
  });

  it.each([
    ['accepted, and not stored', sent(OK), [], 'was accepted as version 1: no event of it is stored'],
    ['accepted, and stored twice', sent(OK), [{}, {}], 'ok, was carried out 2 times'],
    ['unknown, and stored twice', sent(UNKNOWN, UNKNOWN), [{}, {}], 'unknown, was carried out 2 times'],
    ['refused, and stored', sent(REFUSED), [{}], 'was refused, and carried out'],
    [
      ...['refused when nothing else was under way, and stored', sent(UNKNOWN, { ...REFUSED, atRest: true }), [{}]],
      'was refused in the end, and carried out',
    ] as const,
    [
      'accepted as another version',
      sent({ ...OK, version: 2 }),
      [{}],
      'was accepted as version 2, and is stored as event 1',
    ],
    ['stored with other data', sent(OK), [{ data: { orderId: ORDER, reason: 'x' } }], 'is stored as something else'],
    ['stored as another event', sent(OK), [{ type: 'OrderConfirmed' }], 'is stored as something else'],
    ['given two answers', sent(OK, { ...OK, answer: 'second' }), [{}], 'got different answers: first and second'],
    ['never sent', sent(UNKNOWN), [{ causationId: 'another' }], 'was asked for by no client'],
  ])('given a command that was %s, then it is told', async (_, command, events, told) => {
    expect(await check(command, ...events)).toEqual([expect.stringContaining(told)]);
  });
});

describe('sequences', () => {
  it('with a gap or a repeat are told', async () => {
    const event = (sequenceNumber: number) => ({ aggregateId: ORDER, sequenceNumber, causationId: 'x' }) as StoredEvent;
    async function* streamAll() {
      yield { events: [event(1), event(3), event(3)], scanned: 3, total: 3 };
    }
    const { sequences } = await checkJournal([], { streamAll });
    expect(sequences).toEqual([
      `order ${ORDER}: event 3 where 2 comes next`,
      `order ${ORDER}: event 3 where 4 comes next`,
    ]);
  });
});
