import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract, snapshotStoreContract } from '@chronicle/event-sourcing-testing';
import { EmbeddedEventStore } from './embedded-event-store.js';
import { EmbeddedSnapshotStore } from './embedded-snapshot-store.js';

eventStoreContract('EmbeddedEventStore', async (clock) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'events-'));
  return {
    open: () => EmbeddedEventStore.open({ dataDir, mode: 'write', clock }),
    remove: () => rm(dataDir, { recursive: true }),
  };
});

snapshotStoreContract('EmbeddedSnapshotStore', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'events-'));
  return {
    open: () => EmbeddedSnapshotStore.open({ dataDir }),
    remove: () => rm(dataDir, { recursive: true }),
  };
});
