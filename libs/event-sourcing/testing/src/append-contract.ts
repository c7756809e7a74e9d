import { describe, expect, it } from '@jest/globals';
import { APPEND_EVENTS_MAX, type EventStore, type ExpectedVersion } from '@chronicle/event-sourcing-core';
import { timestampText } from '@chronicle/seams';
import { collect, verifiedStream } from './event-store-fixture.js';
import type { EventStoreTest } from './event-store-contract.js';

/** How appends meet the stream, and each other. */
export function appendContract(test: EventStoreTest): void {
  /** A stream of `count` events, each from a command of its own. */
  async function streamOf(count: number): Promise<string> {
    const aggregateId = test.make.id();
    for (let index = 0; index < count; index += 1) await test.store.append(test.make.append(aggregateId));
    return aggregateId;
  }

  describe('append', () => {
    it('given no stream, when none is expected, then begins it at sequence 1 and keeps every field as it came', async () => {
      const { make, store, clock } = test;
      const draft = make.draft({
        eventData: '{ "b":1, "a":"ä\\u0000 \u2028 😀" ,"n":1.0}',
        userId: 'user "7"',
        metadata: { zeta: '1', commandId: make.id(), alpha: '' },
      });
      const append = make.append(make.id(), { expected: 'none', events: [draft, make.draft()] });

      const now = timestampText(clock.now());
      expect(await store.append(append)).toEqual({
        outcome: 'appended',
        firstSequence: 1,
        lastSequence: 2,
        timestamp: now,
      });
      const [first, second] = await verifiedStream(store, append.aggregateId);
      const place = { aggregateId: append.aggregateId, aggregateType: 'Thing', timestamp: now };
      expect(first).toEqual({ ...draft, ...place, sequenceNumber: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(second).toMatchObject({ ...place, sequenceNumber: 2 });
    });

    it('given a stream, when its very version is expected, then goes on after it', async () => {
      const { make, store } = test;
      const aggregateId = await streamOf(2);
      expect(await store.append(make.append(aggregateId, { expected: 2 }))).toMatchObject({
        outcome: 'appended',
        firstSequence: 3,
        lastSequence: 3,
      });
    });

    it('given any stream or none, when anything is expected, then appends', async () => {
      const { make, store } = test;
      const aggregateId = make.id();
      const events = [make.draft(), make.draft(), make.draft()];
      expect(await store.append(make.append(aggregateId, { events }))).toMatchObject({
        firstSequence: 1,
        lastSequence: 3,
      });
      expect(await store.append(make.append(aggregateId))).toMatchObject({ firstSequence: 4, lastSequence: 4 });
    });

    it.each<[number, ExpectedVersion]>([
      [0, 1],
      [2, 'none'],
      [2, 0],
      [2, 1],
      [2, 3],
    ])(
      'given a stream at %j, when %j is expected, then it is a conflict and nothing is written',
      async (version, expected) => {
        const { make, store } = test;
        const aggregateId = await streamOf(version);
        const append = make.append(aggregateId, { expected });

        expect(await store.append(append)).toEqual({ outcome: 'conflict', actualVersion: version });

        expect(await collect(store.load(aggregateId))).toHaveLength(version);
        expect((await store.head(aggregateId, append.command.key))?.remembered).toBeUndefined();
        expect(await store.append({ ...append, expected: 'any' })).toMatchObject({ lastSequence: version + 1 });
      },
    );

    it('given a stream of another aggregate type, then it is a conflict whatever is expected', async () => {
      const { make, store } = test;
      const aggregateId = await streamOf(1);
      const append = make.append(aggregateId, { aggregateType: 'Other', expected: 'any' });
      expect(await store.append(append)).toEqual({ outcome: 'conflict', actualVersion: 1 });
    });

    it.each([0, APPEND_EVENTS_MAX + 1])('when it carries %d events, then it is refused as a mistake', async (count) => {
      const { make, store } = test;
      const append = make.append(make.id(), { events: Array.from({ length: count }, () => make.draft()) });
      await expect(store.append(append)).rejects.toMatchObject({ name: 'RangeError' });
      expect(await store.head(append.aggregateId)).toBeUndefined();
    });

    it('given a clock that steps back, then time stands still within the aggregate, and the answer says so', async () => {
      const { make, store, clock } = test;
      const aggregateId = await streamOf(1);
      const before = timestampText(clock.now());
      clock.set(clock.now() - 60_000);
      expect(await store.append(make.append(aggregateId))).toMatchObject({ timestamp: before });
      expect((await verifiedStream(store, aggregateId)).map(({ timestamp }) => timestamp)).toEqual([before, before]);
    });

    it('while the largest append is made, readers see all of it or nothing', async () => {
      const { make, store } = test;
      const aggregateId = make.id();
      const events = Array.from({ length: APPEND_EVENTS_MAX }, () => make.draft());
      let done = false;
      const appending = store.append(make.append(aggregateId, { events })).finally(() => (done = true));
      while (!done) {
        expect([0, APPEND_EVENTS_MAX]).toContain((await collect(store.load(aggregateId))).length);
        await new Promise(setImmediate);
      }
      expect(await appending).toMatchObject({ outcome: 'appended', lastSequence: APPEND_EVENTS_MAX });
      expect(await verifiedStream(store, aggregateId)).toHaveLength(APPEND_EVENTS_MAX);
    });

    it('acknowledged, then every handle sees it at once', async () => {
      const { make, store } = test;
      const other = await test.openAnother();
      const aggregateId = make.id();
      for (let version = 1; version <= 20; version += 1) {
        await store.append(make.append(aggregateId));
        expect((await other.head(aggregateId))?.version).toBe(version);
      }
    });
  });

  describe('concurrent appends', () => {
    async function raceOf(stores: readonly EventStore[], expected: ExpectedVersion, aggregateId: string) {
      const appends = stores.map((store) => store.append(test.make.append(aggregateId, { expected })));
      return Promise.all(appends);
    }

    it('that expect the same version: exactly one wins, whichever handle it came by, and the losers write nothing', async () => {
      const { store } = test;
      const other = await test.openAnother();
      const aggregateId = await streamOf(3);
      const outcomes = await raceOf(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? store : other)),
        3,
        aggregateId,
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(39);
      expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toContainEqual({
        outcome: 'conflict',
        actualVersion: 4,
      });
      expect(await verifiedStream(store, aggregateId)).toHaveLength(4);
    });

    it('that expect anything: all win, one after another, without gap', async () => {
      const { store } = test;
      const other = await test.openAnother();
      const aggregateId = test.make.id();
      const outcomes = await raceOf(
        Array.from({ length: 300 }, (_, index) => (index % 2 ? store : other)),
        'any',
        aggregateId,
      );
      const sequences = outcomes.map((outcome) => (outcome.outcome === 'appended' ? outcome.lastSequence : 0));
      expect(sequences.sort((left, right) => left - right)).toEqual(
        Array.from({ length: 300 }, (_, index) => index + 1),
      );
      expect(await verifiedStream(store, aggregateId)).toHaveLength(300);
    });

    it('to many aggregates, conflicts among them: each is answered for itself', async () => {
      const { make, store } = test;
      const ids = Array.from({ length: 50 }, () => make.id());
      const outcomes = await Promise.all(
        ids.flatMap((aggregateId) => [
          store.append(make.append(aggregateId, { expected: 'none' })),
          store.append(make.append(aggregateId, { expected: 7 })),
          store.append(make.append(aggregateId, { expected: 1, events: [make.draft(), make.draft()] })),
        ]),
      );
      for (const [index, aggregateId] of ids.entries()) {
        const [created, conflict, followed] = outcomes.slice(3 * index);
        expect(created).toMatchObject({ outcome: 'appended', firstSequence: 1 });
        expect(conflict).toEqual({ outcome: 'conflict', actualVersion: 1 });
        expect(followed).toMatchObject({ outcome: 'appended', firstSequence: 2, lastSequence: 3 });
        expect(await verifiedStream(store, aggregateId)).toHaveLength(3);
      }
    });
  });

  describe('close', () => {
    it('waits for the appends handed over, then refuses what comes', async () => {
      const { make, store } = test;
      const other = await test.openAnother();
      const aggregateId = make.id();
      const appends = Array.from({ length: 20 }, () => store.append(make.append(aggregateId)));
      await store.close();
      expect((await Promise.all(appends)).every(({ outcome }) => outcome === 'appended')).toBe(true);
      expect((await other.head(aggregateId))?.version).toBe(20);
      await expect(store.append(make.append(aggregateId))).rejects.toMatchObject({
        code: 'store-unavailable',
        retryable: true,
      });
      await expect(store.head(aggregateId)).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    });
  });
}
