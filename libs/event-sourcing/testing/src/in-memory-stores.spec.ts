import { InMemoryEventStore, InMemorySnapshotStore } from '@chronicle/event-sourcing-core';
import type { Clock } from '@chronicle/seams';
import { eventStoreContract } from './event-store-contract.js';
import { snapshotStoreContract } from './snapshot-store-contract.js';

/** The suites must hold for the reference, or they ask for something else than the port promises. */
eventStoreContract('InMemoryEventStore', async (clock: Clock) => {
  const store = new InMemoryEventStore(clock);
  return { open: async () => new InMemoryEventStore(clock, store), remove: async () => undefined };
});

snapshotStoreContract('InMemorySnapshotStore', async () => {
  const store = new InMemorySnapshotStore();
  return { open: async () => store, remove: async () => undefined };
});
