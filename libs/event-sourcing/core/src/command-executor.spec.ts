import { jest } from '@jest/globals';
import { armFailpoints } from '@chronicle/seams';
import { account, AccountTest, gate } from './account.fixture.js';
import { StoreUnavailableError, type AppendOutcome } from './event-store.js';
import { InMemoryEventStore } from './in-memory-event-store.js';

const accepted = (version: number) => ({ outcome: 'accepted', version, replayed: false });
const replayed = (version: number) => ({ outcome: 'accepted', version, replayed: true });

describe('CommandExecutor', () => {
  let test: AccountTest;
  beforeEach(() => (test = new AccountTest()));
  afterEach(() => {
    armFailpoints('');
    jest.restoreAllMocks();
  });

  /** An executor whose account is open with a balance of 100, at version 2. */
  async function opened(options: Parameters<AccountTest['executor']>[0] = {}) {
    const executor = test.executor(options);
    await executor.execute(test.open());
    await executor.execute(test.deposit(100));
    return executor;
  }
  /** Lets the next append do `append`; then the store is itself again. */
  const nextAppend = (append: InMemoryEventStore['append']) =>
    jest.spyOn(test.store, 'append').mockImplementationOnce(append);

  describe('deciding', () => {
    it('given no aggregate, when it is created, then appends the event with who, why and in which flow', async () => {
      const request = test.open({ userId: 'user-7', metadata: { traceparent: '00-1-2-01' } });
      expect(await test.executor().execute(request)).toEqual(accepted(1));
      expect(await test.events()).toEqual([
        expect.objectContaining({
          aggregateId: test.accountId,
          aggregateType: 'Account',
          sequenceNumber: 1,
          eventType: 'AccountOpened',
          eventVersion: 2,
          eventData: '{"owner":"ada","currency":"EUR"}',
          causationId: request.commandId,
          correlationId: request.correlationId,
          userId: 'user-7',
          metadata: { traceparent: '00-1-2-01' },
          eventId: expect.stringMatching(/^[0-9a-f-]{14}7/),
        }),
      ]);
    });

    it('given a causation of the caller, then the event names that and not the command', async () => {
      await test.executor().execute(test.open({ causationId: 'the caller’s' }));
      expect(await test.events()).toEqual([expect.objectContaining({ causationId: 'the caller’s' })]);
    });

    it('when the aggregate refuses, then answers its refusal and appends nothing', async () => {
      const executor = await opened();
      expect(await executor.execute(test.withdraw(101))).toEqual({ outcome: 'refused', refusal: 'overdrawn' });
      expect(await executor.execute(test.open())).toEqual({ outcome: 'refused', refusal: 'already-open' });
      expect(await test.events()).toHaveLength(2);
    });

    it('when one command means several events, then they are appended together and the last is the version', async () => {
      const executor = await opened();
      const request = test.request({ type: 'Deposit', amounts: [1, 2, 3] });
      expect(await executor.execute(request)).toEqual(accepted(5));
      expect(await executor.execute(test.withdraw(106))).toEqual(accepted(6));
    });

    it('when it means no event, then is accepted at the version of a fresh load, and appends nothing', async () => {
      const executor = await opened();
      await test.executor().execute(test.deposit(1));
      expect(await executor.execute(test.request({ type: 'Deposit', amounts: [] }))).toEqual(accepted(3));
      expect(await test.events()).toHaveLength(3);
    });

    it('given an aggregate that the issuer may not see, then answers as if there was none', async () => {
      const executor = await opened();
      const visible = ({ owner }: { owner: string }) => owner === 'bob';
      expect(await executor.execute(test.deposit(1, { visible, expectedVersion: 9 }))).toEqual({
        outcome: 'not-found',
      });
      expect(await executor.execute(test.deposit(1, { visible: () => true }))).toEqual(accepted(3));
    });

    it('given a stream of another aggregate type under that id, then it is none of ours and stays as it is', async () => {
      await opened();
      const other = test.executor({ aggregate: { ...account, aggregateType: 'Other' } });
      expect(await other.execute(test.deposit(1))).toEqual({ outcome: 'refused', refusal: 'no-such-account' });
      expect(await other.execute(test.open())).toEqual({ outcome: 'contended', attempts: 10 });
      expect(await test.events()).toHaveLength(2);
    });
  });

  describe('an expected version', () => {
    it('that is the stream’s, then the command is decided', async () => {
      const executor = await opened();
      expect(await executor.execute(test.deposit(1, { expectedVersion: 2 }))).toEqual(accepted(3));
    });

    it('that is not, then the mismatch is answered, before the rules are asked', async () => {
      const executor = await opened();
      const mismatch = { outcome: 'version-mismatch', expectedVersion: 1, actualVersion: 2 };
      expect(await executor.execute(test.withdraw(101, { expectedVersion: 1 }))).toEqual(mismatch);
    });

    it('of an aggregate that does not exist, then its absence is answered', async () => {
      const outcome = await test.executor().execute(test.deposit(1, { expectedVersion: 3 }));
      expect(outcome).toEqual({ outcome: 'refused', refusal: 'no-such-account' });
      expect(await test.executor().execute(test.open({ expectedVersion: 3 }))).toEqual({
        outcome: 'version-mismatch',
        expectedVersion: 3,
        actualVersion: 0,
      });
    });

    it('that was right when loaded, but another process was faster, then loads again and answers the mismatch', async () => {
      const executor = await opened();
      await test.executor().execute(test.deposit(1));
      expect(await executor.execute(test.deposit(1, { expectedVersion: 2 }))).toEqual({
        outcome: 'version-mismatch',
        expectedVersion: 2,
        actualVersion: 3,
      });
    });
  });

  describe('a repeat', () => {
    it('is answered like the first, before visibility, version and rules are asked', async () => {
      const executor = await opened();
      const request = test.withdraw(60);
      expect(await executor.execute(request)).toEqual(accepted(3));
      await executor.execute(test.deposit(1));
      const repeat = { ...request, expectedVersion: 1, visible: () => false };
      expect(await executor.execute(repeat)).toEqual(replayed(3));
      expect(await test.executor().execute(repeat)).toEqual(replayed(3));
      expect(await test.events()).toHaveLength(4);
    });

    it('with another body is refused', async () => {
      const executor = await opened();
      const request = test.withdraw(1);
      await executor.execute(request);
      const other = { ...request, idempotency: { ...request.idempotency, bodyHash: 'other' } };
      expect(await executor.execute(other)).toEqual({ outcome: 'key-reused' });
      expect(await test.executor().execute(other)).toEqual({ outcome: 'key-reused' });
    });

    it('while the first is under way, waits for it and gets its answer', async () => {
      const executor = await opened();
      const commit = gate();
      nextAppend(async (append) => {
        await commit.opened;
        return InMemoryEventStore.prototype.append.call(test.store, append);
      });
      const request = test.withdraw(60);
      const both = Promise.all([executor.execute(request), executor.execute(request)]);
      commit.open();
      expect(await both).toEqual([accepted(3), replayed(3)]);
    });

    it('after a refusal is decided anew', async () => {
      const executor = await opened();
      const request = test.withdraw(101);
      await executor.execute(request);
      await executor.execute(test.deposit(1));
      expect(await executor.execute(request)).toEqual(accepted(4));
    });

    it('after a crash between commit and answer, gets the answer of the first', async () => {
      const executor = await opened();
      const request = test.withdraw(60);
      armFailpoints('after-commit:1:throw');
      await expect(executor.execute(request)).rejects.toMatchObject({ code: 'failpoint' });
      expect(await test.executor().execute(request)).toEqual(replayed(3));
      expect(await executor.execute(request)).toEqual(replayed(3));
    });

    it.each(['after-load', 'before-commit-send'])('after a crash at %s, is the first', async (failpoint) => {
      const executor = await opened();
      const request = test.withdraw(60);
      armFailpoints(`${failpoint}:1:throw`);
      await expect(executor.execute(request)).rejects.toMatchObject({ code: 'failpoint' });
      expect(await executor.execute(request)).toEqual(accepted(3));
    });
  });

  describe('the cached state', () => {
    it('spares the load', async () => {
      const executor = await opened();
      const head = jest.spyOn(test.store, 'head');
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(3));
      expect(head).not.toHaveBeenCalled();
    });

    it('that is old, then the append tells and the command is decided again', async () => {
      const executor = await opened();
      await test.executor().execute(test.withdraw(50));
      expect(await executor.execute(test.withdraw(60))).toEqual({ outcome: 'refused', refusal: 'overdrawn' });
      expect(await executor.execute(test.withdraw(50))).toEqual(accepted(4));
    });

    it('that is old does not refuse', async () => {
      const executor = await opened();
      await test.executor().execute(test.deposit(50));
      expect(await executor.execute(test.withdraw(150))).toEqual(accepted(4));
    });

    it('of an aggregate whose id was made for the command is none, so there is no load either', async () => {
      const head = jest.spyOn(test.store, 'head');
      expect(await test.executor().execute(test.open({ isNew: true }))).toEqual(accepted(1));
      expect(head).not.toHaveBeenCalled();
    });

    it('is not supposed to be none any more when there is one nevertheless', async () => {
      await opened();
      const outcome = await test.executor().execute(test.open({ isNew: true }));
      expect(outcome).toEqual({ outcome: 'refused', refusal: 'already-open' });
    });

    it('is kept for so many aggregates, the least recently used go', async () => {
      const executor = test.executor({ settings: { cachedAggregatesMax: 2 } });
      const [first, second, third] = [test.id(), test.id(), test.id()] as const;
      for (const aggregateId of [first, second]) await executor.execute(test.open({ aggregateId }));
      await executor.execute(test.deposit(1, { aggregateId: first }));
      await executor.execute(test.open({ aggregateId: third }));
      const head = jest.spyOn(test.store, 'head');
      for (const aggregateId of [first, third, second]) await executor.execute(test.deposit(1, { aggregateId }));
      expect(head.mock.calls.map(([id]) => id)).toEqual([second]);
    });

    it('may be switched off', async () => {
      const executor = await opened({ settings: { cachedAggregatesMax: 0 } });
      const head = jest.spyOn(test.store, 'head');
      await executor.execute(test.deposit(1));
      expect(head).toHaveBeenCalledTimes(1);
    });
  });

  describe('a conflict', () => {
    const conflict = async (): Promise<AppendOutcome> => ({ outcome: 'conflict', actualVersion: 9 });

    it('every time, then gives up after so many attempts with growing, random waits between them', async () => {
      const executor = await opened({
        settings: { appendAttemptsMax: 4, conflictDelayMs: 8 },
        entropy: { ...test.entropy, fraction: () => 0.5 },
      });
      jest.spyOn(test.store, 'append').mockImplementation(conflict);
      const sleep = jest.spyOn(test.clock, 'sleep').mockResolvedValue();
      expect(await executor.execute(test.deposit(1))).toEqual({ outcome: 'contended', attempts: 4 });
      expect(sleep.mock.calls).toEqual([[4], [8], [16]]);
    });

    it('once, then is decided against what has come', async () => {
      const executor = await opened({ entropy: { ...test.entropy, fraction: () => 0 } });
      const append = nextAppend(conflict);
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(3));
      expect(append).toHaveBeenCalledTimes(2);
    });
  });

  describe('an unknown outcome', () => {
    const cause = new Error('the socket was lost');

    it('is answered as such; the write had happened, then the repeat gets its answer', async () => {
      const executor = await opened();
      nextAppend(async (append) => {
        await InMemoryEventStore.prototype.append.call(test.store, append);
        return { outcome: 'unknown', cause };
      });
      const request = test.withdraw(60);
      expect(await executor.execute(request)).toEqual({ outcome: 'unknown', cause });
      expect(await executor.execute(request)).toEqual(replayed(3));
      expect(await executor.execute(test.withdraw(60))).toEqual({ outcome: 'refused', refusal: 'overdrawn' });
    });

    it('is answered as such; the write had not happened, then the repeat makes it', async () => {
      const executor = await opened();
      nextAppend(async () => ({ outcome: 'unknown', cause }));
      const request = test.withdraw(60);
      expect(await executor.execute(request)).toEqual({ outcome: 'unknown', cause });
      expect(await executor.execute(request)).toEqual(accepted(3));
    });
  });

  describe('lanes', () => {
    it('given a store that fails, then the error passes and the next command of the aggregate is carried out', async () => {
      const executor = await opened();
      const error = new StoreUnavailableError('the disk is full');
      nextAppend(() => Promise.reject(error));
      const [failed, next] = await Promise.allSettled([
        executor.execute(test.deposit(1)),
        executor.execute(test.deposit(2)),
      ]);
      expect(failed).toEqual({ status: 'rejected', reason: error });
      expect(next).toEqual({ status: 'fulfilled', value: accepted(3) });
    });

    it('given as many commands of one aggregate as may wait, then the next is refused', async () => {
      const executor = await opened({ settings: { commandsPerAggregateMax: 2 } });
      const running = [executor.execute(test.deposit(1)), executor.execute(test.deposit(1))];
      await expect(executor.execute(test.deposit(1))).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await Promise.all(running)).toEqual([accepted(3), accepted(4)]);
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(5));
    });
  });

  describe('snapshots', () => {
    const versions = async () =>
      (await test.snapshots.newest(test.accountId, 1000)).map(({ sequenceNumber }) => sequenceNumber);

    it('are written whenever a multiple of the interval is reached or passed', async () => {
      const executor = await opened({ settings: { snapshotEvery: 3 } });
      const saved: number[] = [];
      for (const amounts of [[1], [1], [1, 1], [1, 1, 1, 1]]) {
        await executor.execute(test.request({ type: 'Deposit', amounts }));
        await executor.drain();
        saved.push((await versions())[0]!);
      }
      expect(saved).toEqual([3, 3, 6, 10]);
      expect((await test.snapshots.newest(test.accountId, 1000))[0]).toMatchObject({
        aggregateType: 'Account',
        snapshotVersion: 2,
        snapshotData: '{"owner":"ada","currency":"EUR","balance":108,"version":10}',
      });
    });

    it('are never dated before the events in them, though the clock stepped back', async () => {
      const executor = await opened({ settings: { snapshotEvery: 3 } });
      const timestamp = (await test.events())[0]!.timestamp;
      test.clock.set(test.clock.now() - 60_000);
      await executor.execute(test.deposit(1));
      await executor.drain();
      expect(await test.snapshots.newest(test.accountId, 3)).toEqual([
        expect.objectContaining({ createdAt: timestamp }),
      ]);
    });

    it('do not keep the answer waiting, are written one at a time, and drain waits for them', async () => {
      const executor = await opened({ settings: { snapshotEvery: 1 } });
      await executor.drain();
      const disk = gate();
      const save = jest.spyOn(test.snapshots, 'save').mockReturnValueOnce(disk.opened);
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(3));
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(4));
      expect(save).toHaveBeenCalledTimes(1);
      let drained = false;
      const draining = executor.drain().then(() => (drained = true));
      await new Promise(setImmediate);
      expect(drained).toBe(false);
      disk.open();
      await draining;
      await executor.execute(test.deposit(1));
      await executor.drain();
      expect(save).toHaveBeenCalledTimes(2);
    });

    it('beyond so many at the same time are left out', async () => {
      const executor = test.executor({ settings: { snapshotEvery: 1, snapshotWritesMax: 1 } });
      const save = jest.spyOn(test.snapshots, 'save');
      await Promise.all([1, 2, 3].map(() => executor.execute(test.open({ aggregateId: test.id() }))));
      await executor.drain();
      expect(save).toHaveBeenCalledTimes(1);
    });

    it('that cannot be written are reported and cost nothing else', async () => {
      const executor = await opened({ settings: { snapshotEvery: 3 } });
      const error = new StoreUnavailableError('no room');
      jest.spyOn(test.snapshots, 'save').mockRejectedValueOnce(error);
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(3));
      await executor.drain();
      expect(test.snapshotFailures).toEqual([error]);
      expect(await executor.execute(test.deposit(1))).toEqual(accepted(4));
    });

    it('spare a new process the events before them', async () => {
      const executor = await opened({ settings: { snapshotEvery: 3 } });
      for (let round = 0; round < 3; round += 1) await executor.execute(test.deposit(1));
      await executor.drain();
      const load = jest.spyOn(test.store, 'load');
      const fresh = test.executor({ settings: { snapshotEvery: 3 } });
      expect(await fresh.execute(test.withdraw(103))).toEqual(accepted(6));
      expect(load.mock.calls).toEqual([[test.accountId, { from: 4, to: 5 }]]);
    });
  });
});
