import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Advance, ConsumerStore } from '@chronicle/change-feed-core';
import type { ProjectionDefinition, ReadModelReader, Row, RowChange } from '@chronicle/projection-core';
import { armFailpoints } from '@chronicle/seams';
import { book, bookId, books, keyOf } from './specimen.js';

/** The store of one projection in an empty place of its own, and what it takes to try it. */
export interface ProjectionStoreHarness {
  readonly store: ConsumerStore<RowChange>;
  readonly reader: ReadModelReader;
  /** Makes a new owner of `bucket`; returns its epoch. */
  own(bucket: number): Promise<number>;
  /** Another store over the same place, as a second replica or a restarted process has it. */
  again(definition?: ProjectionDefinition): Promise<ConsumerStore<RowChange>>;
  close(): Promise<void>;
}

/**
 * What the store of a projection promises beyond a consumer store: rows move with the positions they belong to. `atomic` says
 * whether the engine can do it in one transaction; where it cannot, rows may run ahead of positions, never behind.
 */
export function projectionStoreContract(
  engine: string,
  {
    atomic,
    open,
  }: { readonly atomic: boolean; open(definition: ProjectionDefinition): Promise<ProjectionStoreHarness> },
): void {
  describe(`the store of a projection on ${engine}`, () => {
    let harness: ProjectionStoreHarness;
    let epoch: number;
    beforeEach(async () => {
      harness = await open(books);
      epoch = await harness.own(3);
    });
    afterEach(async () => {
      armFailpoints('');
      await harness.close();
    });

    const advance = (number: number, sequence: number, ...effects: RowChange[]): Advance<RowChange> => ({
      aggregateId: bookId(number),
      bucket: 3,
      epoch,
      position: { sequence, state: `state ${sequence}`, parked: null },
      effects,
    });
    const wrote = (row: Row): RowChange => ({ kind: 'write', row });
    const checkpoint = (text: string) => [{ bucket: 3, epoch, checkpoint: text }];
    const row = (number: number, changes: Row = {}) => harness.reader.find(keyOf(book(number, changes)));
    const sequence = async (number: number, store = harness.store) =>
      (await store.positions([bookId(number)])).get(bookId(number))?.sequence ?? 0;

    it('moves rows, positions and checkpoints together, for good', async () => {
      await harness.store.commit([advance(1, 2, wrote(book(1))), advance(2, 1, wrote(book(2)))], checkpoint('c1'));
      const other = await harness.again();
      expect([await row(1), await row(2)]).toEqual([book(1), book(2)]);
      expect([await sequence(1, other), await sequence(2, other)]).toEqual([2, 1]);
      expect(await other.checkpoints()).toEqual(new Map([[3, 'c1']]));
    });

    it('given a lower sequence, or the same again, then changes neither rows nor position', async () => {
      const current = advance(1, 5, wrote(book(1)), { kind: 'delete', key: keyOf(book(1, { shelf: 'B' })) });
      await harness.store.commit([current], []);
      const old = book(1, { title: 'old' });
      await harness.store.commit([advance(1, 4, wrote(old)), advance(2, 1, wrote(book(2)))], []);
      await harness.store.commit([advance(1, 3, { kind: 'delete', key: keyOf(old) })], []);
      await harness.store.commit([current], []);
      expect(await row(1)).toEqual(book(1));
      expect(await row(1, { shelf: 'B' })).toBeUndefined();
      expect(await sequence(1)).toBe(5);
      expect(await row(2)).toEqual(book(2)); // the others of the same commit take effect
    });

    it('moves a row from one key to another', async () => {
      const elsewhere = book(1, { shelf: 'B' });
      await harness.store.commit([advance(1, 1, wrote(book(1)))], []);
      await harness.store.commit([advance(1, 2, { kind: 'delete', key: keyOf(book(1)) }, wrote(elsewhere))], []);
      expect(await row(1)).toBeUndefined();
      expect(await harness.reader.find(keyOf(elsewhere))).toEqual(elsewhere);
    });

    it('given the bucket has a new owner, then refuses the old one and writes nothing', async () => {
      const stale = [advance(1, 1, wrote(book(1)))];
      const lost = checkpoint('c1');
      await harness.own(3);
      await expect(harness.store.commit(stale, lost)).rejects.toMatchObject({ code: 'bucket-lost', bucket: 3 });
      expect([await row(1), await sequence(1)]).toEqual([undefined, 0]);
      expect(await harness.store.checkpoints()).toEqual(new Map());
    });

    it('given it dies after writing rows, then no position or checkpoint is ahead of them, and a repeat completes it', async () => {
      armFailpoints('projection-after-write:1:throw');
      const commit = () => harness.store.commit([advance(1, 1, wrote(book(1)))], checkpoint('c1'));
      await expect(commit()).rejects.toMatchObject({ code: expect.any(String) });
      const other = await harness.again();
      expect([await sequence(1, other), await other.checkpoints()]).toEqual([0, new Map()]);
      if (atomic) expect(await row(1)).toBeUndefined();
      await commit();
      expect([await row(1), await sequence(1, other)]).toEqual([book(1), 1]);
    });

    it('lets two replicas commit at the same time', async () => {
      const replicas = [harness.store, await harness.again()];
      const rounds = Array.from({ length: 40 }, (_, round) => round + 1);
      const commits = rounds.map((round) =>
        replicas[round % 2]!.commit([advance(round, 1, wrote(book(round)))], checkpoint(`c${round}`)),
      );
      await Promise.all(commits);
      expect(await Promise.all(rounds.map((round) => row(round)))).toEqual(rounds.map((round) => book(round)));
    });

    it('given the table changed but not its version, then refuses to open and says what to do', async () => {
      const changed = {
        ...books,
        table: { ...books.table, columns: { ...books.table.columns, isbn: 'text' as const } },
      };
      await expect(harness.again(changed)).rejects.toMatchObject({
        code: 'definition-changed',
        message: expect.stringMatching(/books-projection version 1 .* raise the projection's version/),
      });
    });
  });
}
