import { createEventCodec, type EventContract } from '@chronicle/event-sourcing-core';
import type { Projection } from '@chronicle/projection-core';

/** A thing is put on a shelf. */
export type Shelved = { readonly type: 'Shelved'; readonly data: { readonly shelf: string; readonly id: string } };

interface Thing {
  readonly id: string;
  readonly shelf: string;
  /** The ids of all its events: none may be missing, none may be in it twice. */
  readonly history: readonly string[];
}

const shelved: EventContract = {
  currentVersion: 1,
  versions: { 1: { schema: {}, violations: () => [] } },
  upcasters: {},
};

export const shelvedCodec = createEventCodec<Shelved>({ Shelved: shelved });

/** What stands on a shelf: with every event, the row of a thing may move from one partition to another. */
export const thingsByShelf: Projection<Thing, Shelved> = {
  group: 'things-by-shelf',
  version: 1,
  table: {
    name: 'things',
    columns: { shelf: 'text', thing_id: 'text', history: 'json' },
    partitionKey: ['shelf'],
    clusteringKey: [{ column: 'thing_id', order: 'asc' }],
  },
  evolve: (thing, { aggregateId, data }) => ({
    id: aggregateId,
    shelf: data.shelf,
    history: [...(thing?.history ?? []), data.id],
  }),
  rows: ({ id, shelf, history }) => [{ shelf, thing_id: id, history: JSON.stringify(history) }],
};
