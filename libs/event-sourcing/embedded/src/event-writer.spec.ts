import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { jest } from '@jest/globals';
import { StoreUnavailableError, type Append, type EventDraft } from '@chronicle/event-sourcing-core';
import { AppendFactory, verifiedStream } from '@chronicle/event-sourcing-testing';
import { ManualClock } from '@chronicle/seams';
import { SqliteDatabase, UndecidedCommitError } from '@chronicle/sqlite';
import { commitBatch } from './append-batch.js';
import { EmbeddedEventStore } from './embedded-event-store.js';
import { openEventsFile } from './events-file.js';

const clock = new ManualClock();
const make = new AppendFactory(clock);
let dataDir: string;
beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'writer-'))));
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(dataDir, { recursive: true });
});

/** A draft that SQLite refuses to store: a bug of the caller. */
const unstorable = (): EventDraft => ({ ...make.draft(), eventId: undefined as unknown as string });

describe('a batch of appends', () => {
  let database: SqliteDatabase;
  beforeEach(async () => (database = await openEventsFile(dataDir)));
  afterEach(() => database.close());

  const count = (table: string) => database.row<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)!.n;

  it('is one transaction, in which each sees those before it and is answered by itself', async () => {
    const id = make.id();
    const creation = make.append(id, { expected: 'none' });
    const write = jest.spyOn(database, 'write');
    const replies = await commitBatch(database, [
      creation,
      make.append(id, { expected: 'none' }),
      make.append(id, { expected: 1, events: [make.draft(), make.draft()] }),
      creation,
      make.append(id, { expected: 3 }),
    ]);
    expect(replies).toMatchObject([
      { outcome: 'appended', lastSequence: 1 },
      { outcome: 'conflict', actualVersion: 1 },
      { outcome: 'appended', firstSequence: 2, lastSequence: 3 },
      { outcome: 'remembered', command: { firstSequence: 1, lastSequence: 1 } },
      { outcome: 'appended', lastSequence: 4 },
    ]);
    expect(write).toHaveBeenCalledTimes(1);
    expect([count('events'), count('outbox_messages'), count('commands')]).toEqual([4, 4, 3]);
  });

  it('puts a message for every event, at its position and in its aggregate’s bucket, into the change log', async () => {
    const ids = [make.id(), make.id()] as const;
    await commitBatch(database, [make.append(ids[0]), make.append(ids[1]), make.append(ids[0])]);
    const rows = [
      ...database.rows(
        'SELECT e.aggregate_id, o.bucket FROM outbox_messages o JOIN events e USING (position) ORDER BY position',
      ),
    ] as { aggregate_id: string; bucket: number }[];
    expect(rows.map((row) => row.aggregate_id)).toEqual([ids[0], ids[1], ids[0]]);
    expect(rows[0]!.bucket).toBe(rows[2]!.bucket);
  });

  it('with one that is wrong in itself, then fails that one and writes the others', async () => {
    const id = make.id();
    const replies = await commitBatch(database, [
      make.append(id),
      make.append(id, { events: [make.draft(), unstorable()] }),
      make.append(id),
    ]);
    expect(replies.map(({ outcome }) => outcome)).toEqual(['appended', 'failed', 'appended']);
    expect([count('events'), count('outbox_messages'), count('commands')]).toEqual([2, 2, 2]);
  });

  it.each<[string, Error]>([
    ['unavailable', new StoreUnavailableError('the disk is full')],
    ['unknown', new UndecidedCommitError('events.db', { cause: new Error('disk I/O error') })],
  ])('whose commit fails is %s as a whole', async (outcome, cause) => {
    jest.spyOn(database, 'write').mockRejectedValueOnce(cause);
    const replies = await commitBatch(database, [make.append(make.id()), make.append(make.id())]);
    expect(replies).toEqual([
      { outcome, cause },
      { outcome, cause },
    ]);
  });

  it('deletes commands that have expired, so that they do not pile up', async () => {
    const id = make.id();
    await commitBatch(database, [make.append(id), make.append(id), make.append(id), make.append(id)]);
    clock.advance(24 * 60 * 60 * 1000);
    await commitBatch(database, [make.append(make.id())]);
    expect(count('commands')).toBe(3); // both creations, and one that the next batch deletes
    await commitBatch(database, [make.append(make.id())]);
    expect(count('commands')).toBe(3);
  });
});

describe('the writer', () => {
  let store: EmbeddedEventStore;
  beforeEach(async () => (store = await EmbeddedEventStore.open({ dataDir, mode: 'write', clock })));
  afterEach(() => store.close());

  /** Ends the thread of the store the hard way, as a crash in it would. */
  async function endThread(): Promise<void> {
    const threads = jest.spyOn(Worker.prototype, 'postMessage');
    const appended = store.append(make.append(make.id()));
    await new Promise(setImmediate);
    const worker = threads.mock.contexts[0] as Worker;
    await appended;
    await worker.terminate();
  }

  it('given a thread that died while it was idle, then starts another', async () => {
    await endThread();
    const id = make.id();
    expect(await store.append(make.append(id))).toMatchObject({ outcome: 'appended', lastSequence: 1 });
    expect(await verifiedStream(store, id)).toHaveLength(1);
  });

  it('given a thread that dies with a batch in hand, then the batch is unknown, and what waited goes to another', async () => {
    const id = make.id();
    const postMessage = jest.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: Worker) {
      void this.terminate();
    });
    const inHand = store.append(make.append(id));
    await new Promise(setImmediate);
    const waiting = store.append(make.append(id));
    expect(await inHand).toMatchObject({ outcome: 'unknown', cause: { message: expect.stringContaining('ended') } });
    expect(await waiting).toMatchObject({ outcome: 'appended', lastSequence: 1 });
    expect(postMessage).toHaveBeenCalledTimes(2);
  });

  it('given no thread can be started, then what waits is refused, and later appends try again', async () => {
    await endThread();
    const database = await openEventsFile(dataDir);
    const setVersion = (version: number) =>
      database.write(() => database.statement(`PRAGMA user_version = ${version}`).run());
    await setVersion(99);
    await expect(store.append(make.append(make.id()))).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('has schema version 99'),
    });
    await setVersion(1);
    expect(await store.append(make.append(make.id()))).toMatchObject({ outcome: 'appended' });
    database.close();
  });

  it('given an append that is wrong in itself, then rejects it with the reason', async () => {
    await expect(store.append(make.append(make.id(), { events: [unstorable()] }))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be bound'),
    });
    expect(await store.append(make.append(make.id()))).toMatchObject({ outcome: 'appended' });
  });

  it('given more appends than may wait, then refuses the rest and carries out the others', async () => {
    const id = make.id();
    const append = make.append(id);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10_001 }, (_, index) =>
        store.append({ ...append, command: { key: `${index}`, bodyHash: '' } }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10_000);
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    expect((await store.head(id))?.version).toBe(10_000);
  });

  it('commits many large appends in more than one batch, in order', async () => {
    const id = make.id();
    const appends: Append[] = Array.from({ length: 25 }, (_, index) =>
      make.append(id, { expected: index * 100, events: Array.from({ length: 100 }, () => make.draft()) }),
    );
    const outcomes = await Promise.all(appends.map((append) => store.append(append)));
    expect(outcomes.every(({ outcome }) => outcome === 'appended')).toBe(true);
    expect(await verifiedStream(store, id)).toHaveLength(2500);
  });
});

describe('a store that is open for reading', () => {
  it('reads what others append, and refuses to append itself', async () => {
    const reader = await EmbeddedEventStore.open({ dataDir, mode: 'read', clock });
    const writer = await EmbeddedEventStore.open({ dataDir, mode: 'write', clock });
    const id = make.id();
    await writer.append(make.append(id));
    expect((await reader.head(id))?.version).toBe(1);
    await expect(reader.append(make.append(id))).rejects.toMatchObject({ code: 'store-unavailable' });
    await reader.close();
    await writer.close();
  });
});

describe('an event data of the largest size that a request may have', () => {
  it('is loaded in pages that are bounded in bytes too', async () => {
    const store = await EmbeddedEventStore.open({ dataDir, mode: 'write', clock });
    const id = make.id();
    const eventData = JSON.stringify('x'.repeat(256 * 1024));
    await Promise.all(
      Array.from({ length: 40 }, () => store.append(make.append(id, { events: [make.draft({ eventData })] }))),
    );
    const lengths: number[] = [];
    for await (const page of store.load(id)) lengths.push(page.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(40);
    await store.close();
  });
});
