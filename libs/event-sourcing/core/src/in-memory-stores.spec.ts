import { AccountTest } from './account.fixture.js';
import { InMemoryEventStore } from './in-memory-event-store.js';

/** The whole contract is in event-sourcing-testing, which this library cannot import; here is what only these stores do. */
describe('the stores in memory', () => {
  let test: AccountTest;
  beforeEach(async () => {
    test = new AccountTest();
    const executor = test.executor({ settings: { snapshotEvery: 1 } });
    await executor.execute(test.open({ correlationId: 'flow-1' }));
    await executor.execute(test.deposit(1, { correlationId: 'flow-2' }));
    await executor.drain();
  });

  it('share their events among handles, each of which is closed by itself', async () => {
    const other = new InMemoryEventStore(test.clock, test.store);
    await test.store.close();
    await expect(test.store.head(test.accountId)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await other.head(test.accountId)).toMatchObject({ version: 2 });
    expect(await other.epoch()).toBe(1);
  });

  it('are read whole, by type and by flow', async () => {
    const typesOf = async (pages: AsyncIterable<{ readonly eventType: string }[]>) => {
      const types: string[] = [];
      for await (const page of pages) types.push(...page.map(({ eventType }) => eventType));
      return types;
    };
    const scan = async function* (eventType?: string) {
      for await (const { events } of test.store.streamAll(eventType === undefined ? {} : { eventType }))
        yield [...events];
    };
    const flow = async function* (correlationId: string) {
      for await (const page of test.store.byCorrelation(correlationId)) yield [...page];
    };
    expect(await typesOf(scan())).toEqual(['AccountOpened', 'Deposited']);
    expect(await typesOf(scan('Deposited'))).toEqual(['Deposited']);
    expect(await typesOf(flow('flow-1'))).toEqual(['AccountOpened']);
  });

  it('do not change with what they were given', async () => {
    const metadata: Record<string, string> = { commandId: 'c' };
    await test.executor().execute(test.deposit(1, { metadata }));
    metadata['commandId'] = 'changed';
    expect((await test.events()).at(-1)).toMatchObject({ metadata: { commandId: 'c' } });
  });

  it('refuse an append of no events', async () => {
    const { accountId: aggregateId } = test;
    const command = { key: 'k', bodyHash: 'b' };
    const append = { aggregateId, aggregateType: 'Account', expected: 'any', events: [], now: '', command } as const;
    await expect(test.store.append(append)).rejects.toThrow('expected 1 to 100 events, found 0');
  });

  it('forget snapshots when pruned, and all when closed', async () => {
    expect(await test.snapshots.prune(1)).toBe(1);
    expect(await test.snapshots.newest(test.accountId, 9)).toMatchObject([{ sequenceNumber: 2 }]);
    await test.snapshots.close();
    expect(await test.snapshots.newest(test.accountId, 9)).toEqual([]);
  });
});
