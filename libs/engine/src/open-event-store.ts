import type { EventStore, SnapshotStore } from '@chronicle/event-sourcing-core';
import { EmbeddedEventStore, EmbeddedSnapshotStore } from '@chronicle/event-sourcing-embedded';
import type { Clock } from '@chronicle/seams';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';

/** Opens the event store; `read` refuses appends. The caller closes it. */
export function openEventStore(config: EngineConfig, mode: 'write' | 'read', clock: Clock): Promise<EventStore> {
  return EmbeddedEventStore.open({ dataDir: embeddedDataDir(config), mode, clock });
}

/** Opens the snapshots of aggregates. The caller closes them. */
export function openSnapshotStore(config: EngineConfig): Promise<SnapshotStore & { close(): Promise<void> }> {
  return EmbeddedSnapshotStore.open({ dataDir: embeddedDataDir(config) });
}
