import { jest } from '@jest/globals';
import { timestampText } from '@chronicle/seams';
import { account, accountCodec, AccountTest, type Account } from './account.fixture.js';
import type { StoredEvent } from './stored-event.js';
import { AggregateLoader, type AggregateLoaderOptions } from './rehydrate.js';
import { sealSnapshot } from './snapshot-seal.js';
import type { AccountEvent } from './account.fixture.js';
import type { Snapshot } from './snapshot-store.js';

describe('AggregateLoader', () => {
  let test: AccountTest;
  let loader: AggregateLoader<Account, AccountEvent>;
  let times: string[];

  const loaderWith = (options: Partial<AggregateLoaderOptions<Account, AccountEvent>> = {}) =>
    new AggregateLoader({
      aggregate: account,
      codec: accountCodec,
      store: test.store,
      snapshots: test.snapshots,
      onSnapshotFailure: (error) => test.snapshotFailures.push(error),
      ...options,
    });

  /** Five versions, a second apart: opened, then deposits of 1, 2, 3 and 4. */
  beforeEach(async () => {
    test = new AccountTest();
    loader = loaderWith();
    times = [];
    const executor = test.executor();
    for (const [index, request] of [test.open(), ...[1, 2, 3, 4].map((amount) => test.deposit(amount))].entries()) {
      times[index + 1] = timestampText(test.clock.now());
      await executor.execute(request);
      test.clock.advance(1000);
    }
  });
  afterEach(() => jest.restoreAllMocks());

  const at = (version: number, balance: number) => ({
    version,
    state: { owner: 'ada', currency: 'EUR', balance, version },
  });
  const justBefore = (time: string) => timestampText(Date.parse(time) - 1);

  it('gives the newest state, that of a version, and that of a time', async () => {
    const { accountId } = test;
    expect(await loader.load(accountId)).toEqual(at(5, 10));
    expect(await loader.load(accountId, { version: 3 })).toEqual(at(3, 3));
    expect(await loader.load(accountId, { asOf: times[3]! })).toEqual(at(3, 3));
    expect(await loader.load(accountId, { asOf: justBefore(times[3]!) })).toEqual(at(2, 1));
  });

  it('given what was not there yet, or never, gives undefined', async () => {
    const { accountId } = test;
    expect(await loader.load(test.id())).toBeUndefined();
    expect(await loader.load(accountId, { version: 6 })).toBeUndefined();
    expect(await loader.load(accountId, { version: 0 })).toBeUndefined();
    expect(await loader.load(accountId, { asOf: justBefore(times[1]!) })).toBeUndefined();
    const other = loaderWith({ aggregate: { ...account, aggregateType: 'Other' } });
    expect(await other.load(accountId)).toBeUndefined();
    expect(await other.loadForDecision(accountId, 'key')).toEqual({
      state: undefined,
      version: 0,
      remembered: undefined,
    });
  });

  it('reads events of older versions in today’s', async () => {
    const { store, accountId } = test;
    const [opened, ...rest] = (await test.events()) as [StoredEvent, ...StoredEvent[]];
    jest.spyOn(store, 'load').mockImplementation(async function* () {
      yield [{ ...opened, eventVersion: 1, eventData: '{"owner":"ada"}' }, ...rest];
    });
    expect(await loader.load(accountId)).toEqual(at(5, 10));
  });

  it('given a gap, or a stream that ends before its head, then names the place', async () => {
    const { store, accountId } = test;
    const [first, second, third] = (await test.events()) as [StoredEvent, StoredEvent, StoredEvent];
    const load = jest.spyOn(store, 'load');
    load.mockImplementationOnce(async function* () {
      yield [first, third];
    });
    const gap = { code: 'broken-stream', aggregateId: accountId, expectedSequence: 2, foundSequence: 3 };
    await expect(loader.load(accountId)).rejects.toMatchObject(gap);
    load.mockImplementationOnce(async function* () {
      yield [first, second];
    });
    const end = { code: 'broken-stream', expectedSequence: 3, foundSequence: undefined };
    await expect(loader.load(accountId)).rejects.toMatchObject(end);
  });

  describe('with snapshots', () => {
    const snapshot = (change: Partial<Snapshot> = {}): Snapshot =>
      sealSnapshot({
        aggregateId: test.accountId,
        aggregateType: 'Account',
        sequenceNumber: 3,
        snapshotVersion: 2,
        // The balance is not the true one: what rests on the snapshot is known by it.
        snapshotData: JSON.stringify({ owner: 'ada', currency: 'EUR', balance: 1000, version: 3 }),
        createdAt: times[3]!,
        ...change,
      });

    it('goes on from the newest that is not too new', async () => {
      await test.snapshots.save(snapshot());
      expect(await loader.load(test.accountId)).toEqual(at(5, 1007));
      expect(await loader.load(test.accountId, { version: 3 })).toEqual(at(3, 1000));
      expect(await loader.load(test.accountId, { version: 2 })).toEqual(at(2, 1));
      expect(await loader.load(test.accountId, { asOf: times[4]! })).toEqual(at(4, 1003));
      expect(await loader.load(test.accountId, { asOf: justBefore(times[3]!) })).toEqual(at(2, 1));
    });

    it('does not ask for one where the stream is shorter than the interval', async () => {
      const newest = jest.spyOn(test.snapshots, 'newest');
      expect(await loaderWith({ snapshotEvery: 6 }).load(test.accountId)).toEqual(at(5, 10));
      expect(newest).not.toHaveBeenCalled();
    });

    it.each<[string, Partial<Snapshot>]>([
      ['of an older schema version', { snapshotVersion: 1 }],
      ['of a newer schema version', { snapshotVersion: 3 }],
      ['of another aggregate type', { aggregateType: 'Other' }],
    ])('ignores one %s, silently', async (_, change) => {
      await test.snapshots.save(snapshot(change));
      expect(await loader.load(test.accountId)).toEqual(at(5, 10));
      expect(test.snapshotFailures).toEqual([]);
    });

    it.each<[string, () => Snapshot]>([
      ['whose hash does not fit', () => ({ ...snapshot(), snapshotData: '{"balance":5,"version":3}' })],
      ['that is not JSON', () => snapshot({ snapshotData: '{"balance":' })],
      ['that is no state', () => snapshot({ snapshotData: '[]' })],
      ['of another version than it says', () => snapshot({ sequenceNumber: 4 })],
    ])('ignores one %s, and reports it', async (_, damaged) => {
      await test.snapshots.save(damaged());
      expect(await loader.load(test.accountId)).toEqual(at(5, 10));
      expect(test.snapshotFailures).toEqual([
        expect.objectContaining({ message: expect.stringContaining('is damaged') }),
      ]);
    });

    it('given a damaged newest one, goes on from the one before', async () => {
      await test.snapshots.save(snapshot());
      await test.snapshots.save({ ...snapshot({ sequenceNumber: 4 }), hash: 'damaged' });
      expect(await loader.load(test.accountId)).toEqual(at(5, 1007));
    });

    it('goes on without when they cannot be read, and reports it', async () => {
      const error = new Error('no');
      jest.spyOn(test.snapshots, 'newest').mockRejectedValueOnce(error);
      expect(await loader.load(test.accountId)).toEqual(at(5, 10));
      expect(test.snapshotFailures).toEqual([error]);
    });
  });
});
