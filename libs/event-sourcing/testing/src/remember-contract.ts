import { describe, expect, it } from '@jest/globals';
import { REMEMBERED_COMMANDS_MAX, REMEMBER_MS, type Append } from '@chronicle/event-sourcing-core';
import { collect } from './event-store-fixture.js';
import type { EventStoreTest } from './event-store-contract.js';

/** How long, and for whom, a command is remembered. */
export function rememberContract(test: EventStoreTest): void {
  /** The creation of an aggregate, and one more command of two events, both appended. */
  async function createdAndChanged(): Promise<{ creation: Append; change: Append }> {
    const { make, store } = test;
    const creation = make.append(make.id(), { expected: 'none' });
    const change = make.append(creation.aggregateId, { expected: 1, events: [make.draft(), make.draft()] });
    await store.append(creation);
    await store.append(change);
    return { creation, change };
  }
  /** `count` more commands of one aggregate. */
  async function appendMore(aggregateId: string, count: number): Promise<void> {
    const appends = Array.from({ length: count }, () => test.store.append(test.make.append(aggregateId)));
    await Promise.all(appends);
  }
  async function isRemembered({ aggregateId, command }: Append): Promise<boolean> {
    return (await test.store.head(aggregateId, command.key))?.remembered !== undefined;
  }

  describe('a command', () => {
    it('appended once, when it is appended again, then answers what it did and appends nothing, whatever it expects', async () => {
      const { creation, change } = await createdAndChanged();
      const answer = {
        outcome: 'remembered',
        command: { ...change.command, firstSequence: 2, lastSequence: 3 },
      };
      expect(await test.store.append(change)).toEqual(answer);
      expect(await test.store.append({ ...change, expected: 'any' })).toEqual(answer);
      expect(await test.store.append({ ...change, command: { ...change.command, bodyHash: 'other' } })).toEqual(answer);
      expect(await test.store.append(creation)).toMatchObject({ command: { firstSequence: 1, lastSequence: 1 } });
      expect(await collect(test.store.load(change.aggregateId))).toHaveLength(3);
    });

    it('is found by its key with the head of its aggregate, and of no other', async () => {
      const { make, store } = test;
      const { creation, change } = await createdAndChanged();
      const { aggregateId } = creation;
      expect(await store.head(aggregateId, change.command.key)).toEqual({
        aggregateType: 'Thing',
        version: 3,
        remembered: { ...change.command, firstSequence: 2, lastSequence: 3 },
      });
      expect((await store.head(aggregateId, 'another key'))?.remembered).toBeUndefined();
      expect(await store.head(aggregateId)).toEqual({ aggregateType: 'Thing', version: 3, remembered: undefined });
      const elsewhere = make.append(make.id(), { command: change.command });
      expect(await store.append(elsewhere)).toMatchObject({ outcome: 'appended', firstSequence: 1 });
    });

    it('is remembered for 24 hours, and the creation for ever', async () => {
      const { store, clock } = test;
      const { creation, change } = await createdAndChanged();
      clock.advance(REMEMBER_MS - 1);
      expect(await isRemembered(change)).toBe(true);
      clock.advance(1);
      expect(await isRemembered(change)).toBe(false);
      expect(await isRemembered(creation)).toBe(true);

      const later = test.make.append(change.aggregateId, { command: { ...change.command, bodyHash: 'new' } });
      expect(await store.append(later)).toMatchObject({ outcome: 'appended', firstSequence: 4 });
      expect(await store.append(later)).toEqual({
        outcome: 'remembered',
        command: { key: change.command.key, bodyHash: 'new', firstSequence: 4, lastSequence: 4 },
      });
      clock.advance(400 * REMEMBER_MS);
      expect(await store.append(creation)).toMatchObject({ outcome: 'remembered' });
    });

    it(`is remembered until ${REMEMBERED_COMMANDS_MAX} newer ones have come, and the creation for ever`, async () => {
      const { creation, change } = await createdAndChanged();
      const { aggregateId } = change;
      await appendMore(aggregateId, REMEMBERED_COMMANDS_MAX - 1);
      expect(await isRemembered(change)).toBe(true);
      expect(await test.store.append(change)).toMatchObject({ outcome: 'remembered' });
      await appendMore(aggregateId, 1);
      expect(await isRemembered(change)).toBe(false);
      expect(await isRemembered(creation)).toBe(true);
      expect(await test.store.append({ ...change, expected: 'any' })).toMatchObject({ outcome: 'appended' });
      expect(await test.store.append(creation)).toMatchObject({ outcome: 'remembered' });
    });

    it('sent many times at once, by several handles, then is appended once and remembered to the others', async () => {
      const { make, store } = test;
      const other = await test.openAnother();
      const append = make.append(make.id());
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, index) => (index % 2 ? store : other).append(append)),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'remembered')).toHaveLength(29);
      expect(await collect(store.load(append.aggregateId))).toHaveLength(1);
    });
  });
}
