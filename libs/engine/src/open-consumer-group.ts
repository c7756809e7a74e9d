import type { ChangeFeed, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import { EmbeddedChangeFeed, EmbeddedConsumerStore, EmbeddedGroupCoordination } from '@chronicle/change-feed-embedded';
import { BUCKET_COUNT } from '@chronicle/event-sourcing-embedded';
import type { Clock } from '@chronicle/seams';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';

/** A consumer group; that of a projection has one memory for each projection version. Every projection is one. */
export interface ConsumerGroup {
  readonly group: string;
  /** Default 1. */
  readonly version?: number;
}

/** Opens the change log. The caller closes it. */
export async function openChangeFeed(config: EngineConfig, clock: Clock): Promise<ChangeFeed> {
  return EmbeddedChangeFeed.open({ dataDir: embeddedDataDir(config), clock });
}

/** Opens instances, buckets and control of a consumer group. The caller closes them. */
export async function openGroupCoordination(
  config: EngineConfig,
  { group, version = 1 }: ConsumerGroup,
  clock: Clock,
): Promise<GroupCoordination> {
  const dataDir = embeddedDataDir(config);
  return EmbeddedGroupCoordination.open({ dataDir, group, version, bucketCount: BUCKET_COUNT, clock });
}

/** Opens the memory of a consumer group whose handler writes nothing but through its own port. The caller closes it. */
export async function openConsumerStore(
  config: EngineConfig,
  { group, version = 1 }: ConsumerGroup,
): Promise<ConsumerStore> {
  return EmbeddedConsumerStore.open({ dataDir: embeddedDataDir(config), group, version });
}
