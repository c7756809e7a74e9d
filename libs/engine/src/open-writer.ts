import type { EventStore, SnapshotStore } from '@chronicle/event-sourcing-core';
import type { EngineConfig, EngineSurroundings } from './engine-config.js';
import type { WritingStatus } from './engine.js';
import { openParts } from './open-engine.js';

/** All that a process which appends needs, opened. */
export interface WriterParts {
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  /** How the writing is; undefined on an engine where what is acknowledged is finished. */
  writing(): WritingStatus | undefined;
  /** Closes everything again; what is still being appended is finished first. */
  close(): Promise<void>;
}

/** Opens the parts of a process that appends. Throws what `openEngine` throws. */
export function openWriter(config: EngineConfig, surroundings: EngineSurroundings): Promise<WriterParts> {
  return openParts(config, surroundings, async (engine) => ({
    store: await engine.eventStore('write'),
    snapshots: await engine.snapshotStore(),
    writing: () => engine.writing,
    close: () => engine.close(),
  }));
}
