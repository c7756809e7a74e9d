import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { AccountTest } from './account.fixture.js';
import { EMPTY_STREAM, eventHash, followChain, GENESIS_HASH, sealEvents, type StreamEnd } from './hash-chain.js';
import { canonicalJson } from './idempotency.js';
import type { EventDraft, StoredEvent } from './stored-event.js';

const draft: EventDraft = {
  eventId: '01890000-0000-7000-8000-000000000001',
  eventType: 'Deposited',
  eventVersion: 1,
  eventData: '{"amount":1}',
  causationId: '01890000-0000-7000-8000-000000000002',
  correlationId: '01890000-0000-7000-8000-000000000003',
  userId: null,
  metadata: { traceparent: 'ä', commandId: 'c' },
};
const stream = { aggregateId: '01890000-0000-7000-8000-000000000000', aggregateType: 'Account' };
const now = '2026-11-25T19:03:21.123Z';

/** The first break of a stream, or its end. */
function follow(events: readonly StoredEvent[]) {
  let end: StreamEnd = EMPTY_STREAM;
  for (const event of events) {
    const next = followChain(end, event);
    if ('reason' in next) return next;
    end = next;
  }
  return end;
}

describe('the hash of an event', () => {
  it('is SHA-256 over its predecessor’s 32 bytes and the canonical JSON of all other columns', () => {
    const [event] = sealEvents(stream, EMPTY_STREAM, [draft], now) as [StoredEvent];
    const columns = canonicalJson({
      event_id: draft.eventId,
      event_type: draft.eventType,
      event_version: 1,
      event_data: draft.eventData,
      causation_id: draft.causationId,
      correlation_id: draft.correlationId,
      user_id: null,
      timestamp: now,
      metadata: draft.metadata,
      aggregate_id: stream.aggregateId,
      aggregate_type: 'Account',
      sequence_number: 1,
    });
    const expected = createHash('sha256').update(Buffer.alloc(32)).update(columns, 'utf8').digest('hex');
    expect(event.hash).toBe(expected);
  });

  it('does not change: this one was written by the first release', () => {
    const event = { ...draft, ...stream, sequenceNumber: 1, timestamp: now };
    expect(eventHash(GENESIS_HASH, event)).toMatchInlineSnapshot(
      `"bdf05f72fc0a3cf8a595ba2235820ebc30888b6dc3dea6c211e8f8297fa46bff"`,
    );
  });

  it('does not depend on the order of metadata', () => {
    const event = { ...draft, ...stream, sequenceNumber: 1, timestamp: now };
    const turned = { ...event, metadata: { commandId: 'c', traceparent: 'ä' } };
    expect(eventHash(GENESIS_HASH, turned)).toBe(eventHash(GENESIS_HASH, event));
  });
});

describe('sealing', () => {
  it('numbers, dates and chains the events after the end of the stream', () => {
    const [first] = sealEvents(stream, EMPTY_STREAM, [draft], now) as [StoredEvent];
    const end = { version: 1, hash: first.hash, timestamp: now };
    const rest = sealEvents(stream, end, [draft, draft], '2026-11-25T19:03:20.000Z');
    expect(rest.map(({ sequenceNumber, timestamp }) => ({ sequenceNumber, timestamp }))).toEqual([
      { sequenceNumber: 2, timestamp: now },
      { sequenceNumber: 3, timestamp: now },
    ]);
    expect(follow([first, ...rest])).toEqual({ version: 3, hash: rest[1]!.hash, timestamp: now });
  });
});

describe('following a chain', () => {
  let events: readonly StoredEvent[];
  beforeAll(async () => {
    const test = new AccountTest();
    const executor = test.executor();
    await executor.execute(test.open({ userId: 'user-7' }));
    for (let round = 0; round < 4; round += 1) await executor.execute(test.deposit(1));
    events = await test.events();
  });

  it('finds nothing in what was written', () => {
    expect(follow(events)).toMatchObject({ version: 5, hash: events[4]!.hash });
  });

  it('finds any change of any column of any event, at that event', () => {
    const tamper = (value: unknown): unknown => {
      if (typeof value === 'number') return value + 1;
      if (typeof value === 'string') return value.slice(0, -1) + (value.endsWith('0') ? '1' : '0');
      return value === null ? 'somebody' : { ...(value as object), added: 'x' };
    };
    const columns = Object.keys(events[0]!) as (keyof StoredEvent)[];
    fc.assert(
      fc.property(fc.nat(4), fc.constantFrom(...columns), (index, column) => {
        const tampered = events.map((event, at) =>
          at === index ? { ...event, [column]: tamper(event[column]) } : event,
        );
        const broken = follow(tampered);
        expect(broken).toHaveProperty('reason');
      }),
    );
  });

  it('finds an event that was taken out, doubled, or exchanged', () => {
    const [a, b, c, d] = events as [StoredEvent, StoredEvent, StoredEvent, StoredEvent];
    expect(follow([a, c])).toEqual({ sequenceNumber: 3, reason: 'expected sequence 2, found 3' });
    expect(follow([a, b, b])).toEqual({ sequenceNumber: 2, reason: 'expected sequence 3, found 2' });
    expect(follow([a, b, d, c])).toMatchObject({ sequenceNumber: 4 });
  });

  it('finds a time that goes back, even if its hash was made to fit', () => {
    const [first, second] = events as [StoredEvent, StoredEvent];
    const early = { ...second, timestamp: '2000-01-01T00:00:00.000Z' };
    const forged = { ...early, hash: eventHash(first.hash, early) };
    expect(follow([first, forged])).toMatchObject({ sequenceNumber: 2, reason: expect.stringContaining('is before') });
  });

  it('finds a whole stream that was rewritten from some event on, by the hash that is known from elsewhere', () => {
    const [first] = events as [StoredEvent];
    const rewritten = sealEvents(stream, EMPTY_STREAM, [draft], now)[0]!;
    expect(followChain(EMPTY_STREAM, rewritten)).not.toMatchObject({ hash: first.hash });
  });
});
