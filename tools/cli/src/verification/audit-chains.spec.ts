import { withEngine } from '@chronicle/engine';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { SmallSystem } from '../testing/small-system.js';
import { auditChains, type AuditResult } from './audit-chains.js';

let system: SmallSystem;
let shipped: string;

beforeEach(async () => {
  system = await SmallSystem.open();
  shipped = await system.order('SHIPPED');
  await system.order('CONFIRMED');
});
afterEach(() => system.close());

function audit(): Promise<AuditResult> {
  return withEngine(system.location, { clock, entropy }, async (engine) =>
    auditChains(await engine.eventStore('read')),
  );
}

describe('the audit of hash chains', () => {
  it('given untouched events, then tells that all are intact', async () => {
    expect(await audit()).toEqual({ intact: true, aggregates: 2, events: 5, broken: 0, breaks: [] });
  });

  it.each([
    ['its data', `event_data = replace(event_data, '{', '{ ')`],
    ['who did it', `user_id = 'somebody'`],
    ['its type', `event_type = 'OrderCancelled'`],
    ['its metadata', `metadata = '{}'`],
    ['its hash', `hash = lower(hex(zeroblob(32)))`],
  ])('given an event with a change of %s, then names it and no later one', async (_what, change) => {
    system.tamper('events.db', `UPDATE events SET ${change} WHERE aggregate_id = ? AND sequence_number = 2`, shipped);
    const { intact, broken, breaks } = await audit();
    expect({ intact, broken }).toEqual({ intact: false, broken: 1 });
    expect(breaks).toEqual([
      {
        aggregateId: shipped,
        sequenceNumber: 2,
        eventId: expect.any(String),
        eventType: expect.any(String),
        reason: expect.stringMatching(
          /^its hash is [0-9a-f]{64}, but its columns and its predecessor give [0-9a-f]{64}$/,
        ),
      },
    ]);
  });

  it('given an event taken out of the middle, then names the one after it', async () => {
    system.tamper('events.db', 'DELETE FROM events WHERE aggregate_id = ? AND sequence_number = 2', shipped);
    expect((await audit()).breaks).toMatchObject([
      { aggregateId: shipped, sequenceNumber: 3, reason: 'expected sequence 2, found 3' },
    ]);
  });
});
