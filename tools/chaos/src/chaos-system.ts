import { APPS, startSystem } from '@chronicle/tool-system';
import type { AppDefinition, System } from '@chronicle/tool-system';

/** The second replicas of a projection and of the publisher: buckets move, and an owner can be deposed. */
export const SECOND_READ_MODEL = 'order-read-model-projection-2';
export const SECOND_PUBLISHER = 'publisher-2';
export const SECOND_REPLICAS: readonly string[] = [SECOND_READ_MODEL, SECOND_PUBLISHER];

const REPLICA_PORT_OFFSET = 10;

/** The six apps and the second replicas. */
export const CHAOS_APPS: readonly AppDefinition[] = [
  ...APPS,
  replica('order-read-model-projection', SECOND_READ_MODEL),
  replica('publisher', SECOND_PUBLISHER),
];

/** The app that a second replica shares its consumer group with. */
export function firstReplicaOf(replica: string): string {
  const { entry } = CHAOS_APPS.find(({ name }) => name === replica)!;
  return APPS.find((app) => app.entry === entry)!.name;
}

/** Longer than any start on a machine that does much else. */
const READY_TIMEOUT_MS = 120_000;

/** Snapshots come often, so that writing one is interrupted too. */
const ENVIRONMENT = { LOG_LEVEL: 'warn', AUTH_MODE: 'off', SNAPSHOT_EVERY: '10' };

/** Starts the apps on free ports of loopback. */
export function startChaosSystem(dataDir: string): Promise<System> {
  return startSystem({ dataDir, apps: CHAOS_APPS, env: ENVIRONMENT, readyTimeoutMs: READY_TIMEOUT_MS });
}

function replica(of: string, name: string): AppDefinition {
  const app = APPS.find((candidate) => candidate.name === of)!;
  return { ...app, name, portOffset: app.portOffset + REPLICA_PORT_OFFSET };
}
