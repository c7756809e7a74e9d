import type { AggregateRun, Position } from '@chronicle/change-feed-core';
import { createEventCodec, type EventContract, type Recorded, type StoredEvent } from '@chronicle/event-sourcing-core';
import { foldAggregate } from './aggregate-fold.js';
import { FAILURE_REASON_LENGTH_MAX } from './failure.js';
import { projectionHandler } from './projection-handler.js';
import type { Projection, Row } from './projection.js';

type Moved = { readonly type: 'Moved'; readonly data: { readonly shelves: readonly string[]; readonly note?: string } };
interface Book {
  readonly id: string;
  readonly shelves: readonly string[];
  readonly note: string | null;
}

const moved: EventContract = {
  currentVersion: 1,
  versions: {
    1: { schema: {}, violations: (data) => (Array.isArray((data as Moved['data']).shelves) ? [] : ['/shelves']) },
  },
  upcasters: {},
};
const codec = createEventCodec<Moved>({ Moved: moved });

/** Which books stand on a shelf: one row per shelf that the book is on. */
const booksByShelf: Projection<Book, Moved> = {
  group: 'books-by-shelf',
  version: 1,
  table: {
    name: 'books_by_shelf',
    columns: { shelf: 'text', book_id: 'text', note: 'text' },
    partitionKey: ['shelf'],
    clusteringKey: [{ column: 'book_id', order: 'asc' }],
  },
  evolve: (_state, event: Recorded<Moved>) => {
    if (event.data.note === 'poison') throw new Error('cannot fold poison');
    if (event.data.note === 'busy')
      throw Object.assign(new Error('the lookup is busy'), { code: 'busy', retryable: true });
    return { id: event.aggregateId, shelves: event.data.shelves, note: event.data.note ?? null };
  },
  rows: (state) => state.shelves.map((shelf) => ({ shelf, book_id: state.id, note: state.note })),
};

const handler = projectionHandler(booksByShelf, codec);
const start: Position = { sequence: 0, state: null, parked: null };

function event(sequenceNumber: number, data: unknown, eventVersion = 1): StoredEvent {
  return {
    eventId: `event-${sequenceNumber}`,
    aggregateId: 'b1',
    aggregateType: 'Book',
    sequenceNumber,
    eventType: 'Moved',
    eventVersion,
    eventData: typeof data === 'string' ? data : JSON.stringify(data),
    causationId: 'c',
    correlationId: 'c',
    userId: null,
    timestamp: '2026-11-25T19:03:21.123Z',
    metadata: {},
    hash: '',
  };
}

async function handle(position: Position, ...events: StoredEvent[]) {
  const run: AggregateRun = { aggregateId: 'b1', position, events };
  const [answer] = await handler.handle([run]);
  return answer!;
}

function book(shelves: readonly string[], note: string | null = null): string {
  return JSON.stringify({ id: 'b1', shelves, note });
}

function row(shelf: string, note: string | null = null): Row {
  return { shelf, book_id: 'b1', note };
}

describe('a projection handler', () => {
  it('given a new aggregate, when its first events come, then writes the rows after the last one and deletes those on the way', async () => {
    expect(await handle(start, event(1, { shelves: ['A'] }), event(2, { shelves: ['B', 'C'] }))).toEqual({
      handled: 2,
      state: book(['B', 'C']),
      effects: [
        { kind: 'delete', key: { shelf: 'A', book_id: 'b1' } },
        { kind: 'write', row: row('B') },
        { kind: 'write', row: row('C') },
      ],
    });
  });

  it('given a known aggregate, when an event moves it, then writes only what differs and deletes the keys that are gone', async () => {
    const position = { ...start, sequence: 1, state: book(['A', 'B']) };
    expect(await handle(position, event(2, { shelves: ['B', 'C'] }))).toEqual({
      handled: 1,
      state: book(['B', 'C']),
      effects: [
        { kind: 'delete', key: { shelf: 'A', book_id: 'b1' } },
        { kind: 'write', row: row('C') },
      ],
    });
  });

  it('given rows that keep their key, when a column changes, then writes the row whole', async () => {
    const position = { ...start, sequence: 1, state: book(['A']) };
    const { effects } = await handle(position, event(2, { shelves: ['A'], note: 'worn' }));
    expect(effects).toEqual([{ kind: 'write', row: row('A', 'worn') }]);
  });

  it('given a row that goes and comes back within a run, then writes it again', async () => {
    const position = { ...start, sequence: 1, state: book(['A']) };
    const { effects } = await handle(position, event(2, { shelves: [] }), event(3, { shelves: ['A'] }));
    expect(effects).toEqual([{ kind: 'write', row: row('A') }]);
  });

  it('given an event that changes no row, then has no effects and still moves on', async () => {
    const position = { ...start, sequence: 1, state: book(['A']) };
    expect(await handle(position, event(2, { shelves: ['A'] }))).toEqual({
      handled: 1,
      state: book(['A']),
      effects: [],
    });
  });

  it('given a run is repeated because its commit failed, then answers the same again', async () => {
    const own = projectionHandler(booksByShelf, codec);
    const again = async () =>
      (await own.handle([{ aggregateId: 'b1', position, events: [event(2, { shelves: ['B'] })] }]))[0]!;
    const position = { ...start, sequence: 1, state: book(['A']) };
    const first = await again();
    expect(await again()).toEqual(first);
    const [next] = await own.handle([
      {
        aggregateId: 'b1',
        position: { ...start, sequence: 2, state: first.state },
        events: [event(3, { shelves: ['C'] })],
      },
    ]);
    expect(next!.effects).toEqual([
      { kind: 'delete', key: { shelf: 'B', book_id: 'b1' } },
      { kind: 'write', row: row('C') },
    ]);
  });

  it('answers every run, in their order', async () => {
    const runs = ['b1', 'b2', 'b3'].map((aggregateId, index) => ({
      aggregateId,
      position: start,
      events: [{ ...event(1, { shelves: [`S${index}`] }), aggregateId }],
    }));
    const answers = await handler.handle(runs);
    expect(answers.map(({ effects }) => effects)).toEqual([
      [{ kind: 'write', row: { shelf: 'S0', book_id: 'b1', note: null } }],
      [{ kind: 'write', row: { shelf: 'S1', book_id: 'b2', note: null } }],
      [{ kind: 'write', row: { shelf: 'S2', book_id: 'b3', note: null } }],
    ]);
  });
});

describe('a projection handler at an event that fails', () => {
  it.each([
    [
      'an unknown version',
      event(2, { shelves: ['B'] }, 9),
      'unknown-event',
      /Moved version 9 .* not known to this build/,
      false,
    ],
    ['data that breaks its schema', event(2, {}), 'invalid-event', /does not fit its schema: \/shelves/, false],
    ['data that is not JSON', event(2, '{'), 'invalid-event', /not JSON/, false],
    [
      'a fold that throws',
      event(2, { shelves: [], note: 'poison' }),
      'projection-failed',
      /^cannot fold poison$/,
      false,
    ],
    ['a fold that may pass', event(2, { shelves: [], note: 'busy' }), 'busy', /^the lookup is busy$/, true],
    [
      'two rows with one key',
      event(2, { shelves: ['B', 'B'] }),
      'invalid-row',
      /two rows have the same key \(shelf, book_id\)/,
      false,
    ],
  ])(
    'given %s, then answers the events before it and why it failed',
    async (_name, failing, code, reason, retryable) => {
      expect(await handle(start, event(1, { shelves: ['A'] }), failing, event(3, { shelves: ['C', 'C'] }))).toEqual({
        handled: 1,
        state: book(['A']),
        effects: [{ kind: 'write', row: row('A') }],
        failure: { code, reason: expect.stringMatching(reason), retryable },
      });
    },
  );

  it('given rows broken in between but good at the end, then fails where it would if the events came one by one', async () => {
    const { handled, failure } = await handle(start, event(1, { shelves: ['B', 'B'] }), event(2, { shelves: ['B'] }));
    expect({ handled, code: failure?.code }).toEqual({ handled: 0, code: 'invalid-row' });
  });

  it('given the very first event fails, then there is no state and no effect', async () => {
    expect(await handle(start, event(1, {}))).toMatchObject({ handled: 0, state: null, effects: [] });
  });

  it('given a stored state that cannot be read, then parks without touching it', async () => {
    const position = { ...start, sequence: 1, state: '{' };
    expect(await handle(position, event(2, { shelves: ['A'] }))).toMatchObject({
      handled: 0,
      state: '{',
      effects: [],
      failure: { code: 'projection-failed', retryable: false },
    });
  });

  it('records a bounded reason, also of what is no error', async () => {
    const throwing = (thrown: unknown) =>
      projectionHandler(
        {
          ...booksByShelf,
          rows: () => {
            throw thrown;
          },
        },
        codec,
      ).handle([{ aggregateId: 'b1', position: start, events: [event(1, { shelves: [] })] }]);
    const [long] = await throwing(new Error('x'.repeat(5000)));
    expect(long!.failure!.reason).toHaveLength(FAILURE_REASON_LENGTH_MAX);
    const [text] = await throwing('a text');
    expect(text!.failure).toEqual({ code: 'projection-failed', reason: 'a text', retryable: false });
  });
});

describe('foldAggregate', () => {
  it('gives the rows that the handler would have left', () => {
    const events = [event(1, { shelves: ['A'] }), event(2, { shelves: ['B'], note: 'worn' })];
    expect(foldAggregate(booksByShelf, codec, events)).toEqual([row('B', 'worn')]);
  });

  it('gives no rows for no events', () => {
    expect(foldAggregate(booksByShelf, codec, [])).toEqual([]);
  });

  it('throws for rows that the table must not hold', () => {
    expect(() => foldAggregate(booksByShelf, codec, [event(1, { shelves: ['B', 'B'] })])).toThrow(
      expect.objectContaining({ code: 'invalid-row', aggregateId: 'b1', table: 'books_by_shelf' }),
    );
  });
});
