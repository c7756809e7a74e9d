import { accountCodec, accountContracts, type AccountEvent } from './account.fixture.js';
import { createEventCodec } from './event-codec.js';
import type { StoredEvent } from './stored-event.js';

const stored = (event: Partial<StoredEvent>): StoredEvent => ({
  eventId: 'e',
  aggregateId: 'account-1',
  aggregateType: 'Account',
  sequenceNumber: 4,
  eventType: 'AccountOpened',
  eventVersion: 2,
  eventData: '{"owner":"ada","currency":"USD"}',
  causationId: 'c',
  correlationId: 'f',
  userId: null,
  timestamp: '2026-11-25T19:03:21.123Z',
  metadata: {},
  hash: '',
  ...event,
});

describe('an event codec', () => {
  it('writes the current version, and reads it back with its place and time', () => {
    const event: AccountEvent = { type: 'AccountOpened', data: { owner: 'ada', currency: 'USD' } };
    const encoded = { eventType: 'AccountOpened', eventVersion: 2, eventData: '{"owner":"ada","currency":"USD"}' };
    expect(accountCodec.encode(event)).toEqual(encoded);
    expect(accountCodec.decode(stored(encoded))).toEqual({
      ...event,
      aggregateId: 'account-1',
      sequenceNumber: 4,
      timestamp: '2026-11-25T19:03:21.123Z',
    });
  });

  it('reads an older version in today’s', () => {
    expect(accountCodec.decode(stored({ eventVersion: 1, eventData: '{"owner":"ada"}' })).data).toEqual({
      owner: 'ada',
      currency: 'EUR',
    });
  });

  it.each<[string, Partial<StoredEvent>]>([
    ['a newer version', { eventVersion: 3 }],
    ['version 0', { eventVersion: 0 }],
    ['an unknown type', { eventType: 'AccountFrozen' }],
    ['a name that every object knows', { eventType: 'constructor' }],
  ])('given %s, then says that a newer build may know it', (_, event) => {
    expect(() => accountCodec.decode(stored(event))).toThrow(
      expect.objectContaining({
        code: 'unknown-event',
        retryable: false,
        message: expect.stringContaining('account-1'),
      }),
    );
  });

  it.each<[string, string, readonly string[]]>([
    ['data that breaks its schema', '{"owner":"ada"}', ['/currency must be there']],
    ['no JSON', '{"owner":', ['its stored text is not JSON']],
  ])('given %s, then says so', (_, eventData, violations) => {
    expect(() => accountCodec.decode(stored({ eventData }))).toThrow(
      expect.objectContaining({ code: 'invalid-event', retryable: false, violations }),
    );
  });

  it('does not write what breaks its schema, or has none', () => {
    const invalid = { type: 'Deposited', data: {} } as AccountEvent;
    expect(() => accountCodec.encode(invalid)).toThrow(expect.objectContaining({ code: 'invalid-event' }));
    const unknown = { type: 'toString', data: {} } as unknown as AccountEvent;
    expect(() => accountCodec.encode(unknown)).toThrow(expect.objectContaining({ code: 'unknown-event' }));
  });

  it('cannot be made of contracts with a hole', () => {
    const { AccountOpened } = accountContracts;
    const noSchema = { AccountOpened: { ...AccountOpened, versions: { 2: AccountOpened.versions[2] } } };
    expect(() => createEventCodec(noSchema)).toThrow('contract of AccountOpened: version 1 has no schema');
    const noStep = { AccountOpened: { ...AccountOpened, upcasters: {} } };
    expect(() => createEventCodec(noStep)).toThrow('contract of AccountOpened: no upcaster from version 1 to 2');
  });
});
