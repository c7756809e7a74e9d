import { beforeEach, describe, expect, it } from '@jest/globals';
import { PAGE_EVENTS_MAX, type ScanPage, type StoredEvent } from '@chronicle/event-sourcing-core';
import { timestampText } from '@chronicle/seams';
import { collect } from './event-store-fixture.js';
import type { EventStoreTest } from './event-store-contract.js';

/** What reads give, in which order and in which portions. */
export function readContract(test: EventStoreTest): void {
  /** `count` events to `aggregateId`, 50 an append. */
  async function appendMany(aggregateId: string, count: number): Promise<void> {
    const appends = [];
    for (let left = count; left > 0; left -= 50) {
      const events = Array.from({ length: Math.min(50, left) }, () => test.make.draft());
      appends.push(test.store.append(test.make.append(aggregateId, { events })));
    }
    await Promise.all(appends);
  }
  const sequences = (events: readonly StoredEvent[]) => events.map(({ sequenceNumber }) => sequenceNumber);
  const from1to = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  describe('an unknown stream', () => {
    it('has no head and no events', async () => {
      expect(await test.store.head(test.make.id(), 'any key')).toBeUndefined();
      expect(await collect(test.store.load(test.make.id()))).toEqual([]);
    });
  });

  describe('load', () => {
    let aggregateId: string;
    let times: string[];
    /** Five events, a second apart; the third and the fourth at the same time. */
    beforeEach(async () => {
      aggregateId = test.make.id();
      times = [];
      for (const [index, pause] of [0, 1000, 1000, 0, 1000].entries()) {
        test.clock.advance(pause);
        times[index] = timestampText(test.clock.now());
        await test.store.append(test.make.append(aggregateId));
      }
    });
    const loaded = async (range: Parameters<typeof test.store.load>[1]) =>
      sequences(await collect(test.store.load(aggregateId, range)));

    it('gives all events in ascending order', async () => {
      expect(await loaded(undefined)).toEqual([1, 2, 3, 4, 5]);
    });

    it('given from and to, gives what lies between, both included', async () => {
      expect(await loaded({ from: 2 })).toEqual([2, 3, 4, 5]);
      expect(await loaded({ to: 3 })).toEqual([1, 2, 3]);
      expect(await loaded({ from: 2, to: 2 })).toEqual([2]);
      expect(await loaded({ from: 6 })).toEqual([]);
      expect(await loaded({ from: 4, to: 3 })).toEqual([]);
      expect(await loaded({ to: 99 })).toEqual([1, 2, 3, 4, 5]);
    });

    it('given a time, gives the prefix up to it, included', async () => {
      expect(await loaded({ asOf: times[2]! })).toEqual([1, 2, 3, 4]);
      expect(await loaded({ asOf: timestampText(Date.parse(times[2]!) - 1) })).toEqual([1, 2]);
      expect(await loaded({ asOf: timestampText(Date.parse(times[0]!) - 1) })).toEqual([]);
      expect(await loaded({ from: 2, to: 3, asOf: times[4]! })).toEqual([2, 3]);
      expect(await loaded({ from: 4, asOf: times[1]! })).toEqual([]);
    });

    it('of a long stream comes in pages, and may be left early', async () => {
      const long = test.make.id();
      await appendMany(long, 2 * PAGE_EVENTS_MAX + 1);
      const pages: (readonly StoredEvent[])[] = [];
      for await (const page of test.store.load(long)) pages.push(page);
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(PAGE_EVENTS_MAX);
      expect(sequences(pages.flat())).toEqual(from1to(2 * PAGE_EVENTS_MAX + 1));
      for await (const page of test.store.load(long)) {
        expect(page[0]).toMatchObject({ sequenceNumber: 1 });
        break;
      }
      expect(await test.store.append(test.make.append(long))).toMatchObject({ outcome: 'appended' });
    });
  });

  describe('streamAll', () => {
    async function scan(filter?: { readonly eventType?: string }): Promise<ScanPage[]> {
      const pages: ScanPage[] = [];
      for await (const page of test.store.streamAll(filter)) pages.push(page);
      return pages;
    }

    it('given an empty store, gives no events', async () => {
      expect((await scan()).flatMap(({ events }) => events)).toEqual([]);
    });

    it('gives every event once, those of an aggregate together and in order, however they were interleaved', async () => {
      const ids = Array.from({ length: 60 }, () => test.make.id());
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(ids.map((id) => appendMany(id, 10)));
      }
      const pages = await scan();
      const events = pages.flatMap((page) => page.events);
      expect(Math.max(...pages.map((page) => page.events.length))).toBeLessThanOrEqual(PAGE_EVENTS_MAX);
      expect(events).toHaveLength(1800);
      for (let start = 0; start < events.length; start += 30) {
        const run = events.slice(start, start + 30);
        expect(new Set(run.map(({ aggregateId }) => aggregateId)).size).toBe(1);
        expect(sequences(run)).toEqual(from1to(30));
      }
      expect(new Set(events.map(({ aggregateId }) => aggregateId))).toEqual(new Set(ids));
      expect(pages.at(-1)).toMatchObject({ scanned: 1800 });
      expect(pages[0]!.total).toBeGreaterThan(0);
    });

    it('given an event type, gives those events only and still counts what it scanned', async () => {
      const { make, store } = test;
      for (const eventType of ['Opened', 'ThingDone', 'Opened']) {
        await store.append(make.append(make.id(), { events: [make.draft({ eventType }), make.draft()] }));
      }
      const pages = await scan({ eventType: 'Opened' });
      expect(pages.flatMap(({ events }) => events.map(({ eventType }) => eventType))).toEqual(['Opened', 'Opened']);
      expect(pages.at(-1)).toMatchObject({ scanned: 6 });
    });

    it('ends, though events are appended all the while', async () => {
      await Promise.all(Array.from({ length: 30 }, () => appendMany(test.make.id(), 50)));
      const seen = new Set<string>();
      for await (const { events } of test.store.streamAll()) {
        for (const { eventId } of events) seen.add(eventId);
        await appendMany(test.make.id(), 100);
      }
      expect(seen.size).toBeGreaterThanOrEqual(1500);
    });
  });

  describe('byCorrelation', () => {
    it('gives the events of one flow, by aggregate and ascending within it', async () => {
      const { make, store } = test;
      const correlationId = make.id();
      const ids = [make.id(), make.id()];
      for (const aggregateId of [...ids, ...ids]) {
        await store.append(make.append(aggregateId, { events: [make.draft({ correlationId }), make.draft()] }));
      }
      const events = await collect(store.byCorrelation(correlationId));
      const places = events.map((event) => ({ aggregateId: event.aggregateId, sequenceNumber: event.sequenceNumber }));
      const runs = ids.map((aggregateId) => [1, 3].map((sequenceNumber) => ({ aggregateId, sequenceNumber })));
      expect([places.slice(0, 2), places.slice(2)]).toEqual(expect.arrayContaining(runs));
      expect(places).toHaveLength(4);
      expect(await collect(store.byCorrelation(make.id()))).toEqual([]);
    });
  });

  describe('epoch', () => {
    it('begins with 1', async () => {
      expect(await test.store.epoch()).toBe(1);
    });
  });
}
