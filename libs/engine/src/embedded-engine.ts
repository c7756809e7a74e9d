import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeFeed, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { EmbeddedChangeFeed, EmbeddedConsumerStore, EmbeddedGroupCoordination } from '@chronicle/change-feed-embedded';
import type { EventStore, SnapshotStore } from '@chronicle/event-sourcing-core';
import { BUCKET_COUNT, EmbeddedEventStore, EmbeddedSnapshotStore } from '@chronicle/event-sourcing-embedded';
import type { ProjectionDefinition, ReadModelReader, RowChange } from '@chronicle/projection-core';
import { EmbeddedReadModelReader, openEmbeddedProjectionStore } from '@chronicle/projection-embedded';
import type { Clock } from '@chronicle/seams';
import { Engine, type ConsumerGroup } from './engine.js';

/** Files of one folder, made when they are missing, so that apps start in any order. */
export class EmbeddedEngine extends Engine {
  override readonly changeLogRetentionMs = null;

  constructor(
    private readonly dataDir: string,
    private readonly clock: Clock,
  ) {
    super();
  }

  override eventStore(mode: 'write' | 'read'): Promise<EventStore> {
    return this.keep(EmbeddedEventStore.open({ dataDir: this.dataDir, mode, clock: this.clock }));
  }

  override snapshotStore(): Promise<SnapshotStore> {
    return this.keep(EmbeddedSnapshotStore.open({ dataDir: this.dataDir }));
  }

  override async changeFeed(): Promise<ChangeFeed> {
    return this.keep(EmbeddedChangeFeed.open({ dataDir: this.dataDir, clock: this.clock }));
  }

  override async groupCoordination({ group, version = 1 }: ConsumerGroup): Promise<GroupCoordination> {
    const { dataDir, clock } = this;
    return this.keep(EmbeddedGroupCoordination.open({ dataDir, group, version, bucketCount: BUCKET_COUNT, clock }));
  }

  override async consumerStore({ group, version = 1 }: ConsumerGroup): Promise<ConsumerStore> {
    return this.keep(EmbeddedConsumerStore.open({ dataDir: this.dataDir, group, version }));
  }

  override async hasRun({ group }: ConsumerGroup): Promise<boolean> {
    return existsSync(join(this.dataDir, `${group}.db`));
  }

  override async projectionStore(projection: ProjectionDefinition): Promise<ConsumerStore<RowChange>> {
    return this.keep(openEmbeddedProjectionStore(this.dataDir, projection));
  }

  override async readModel(projection: ProjectionDefinition): Promise<ReadModelReader> {
    return this.keep(new EmbeddedReadModelReader(this.dataDir, projection));
  }

  protected override async end(): Promise<void> {}
}
