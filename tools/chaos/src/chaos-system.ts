import { APPS, startSystem } from '@chronicle/tool-system';
import type { AppDefinition, Database, System } from '@chronicle/tool-system';

/** The engines on which systems are crashed. */
export type ChaosEngine = 'embedded' | 'cassandra';

/** The second replicas of a projection and of the publisher: buckets move, and an owner can be deposed. */
export const SECOND_READ_MODEL = 'order-read-model-projection-2';
export const SECOND_PUBLISHER = 'publisher-2';
/** On a cluster, of command-service too: each finishes or forbids what the other has left when it died. */
export const SECOND_WRITER = 'command-service-2';
export const SECOND_REPLICAS: readonly string[] = [SECOND_READ_MODEL, SECOND_PUBLISHER, SECOND_WRITER];

const REPLICA_PORT_OFFSET = 10;

/** The six apps and the second replicas. */
export function chaosApps(engine: ChaosEngine): readonly AppDefinition[] {
  const replicas = [
    replica('order-read-model-projection', SECOND_READ_MODEL),
    replica('publisher', SECOND_PUBLISHER),
    ...(engine === 'embedded' ? [] : [replica('command-service', SECOND_WRITER)]),
  ];
  return [...APPS, ...replicas];
}

/** Where commands can be sent to. */
export function writersOf(engine: ChaosEngine): readonly string[] {
  return ['command-service', ...(engine === 'embedded' ? [] : [SECOND_WRITER])];
}

/** The app that a second replica shares its consumer group with. */
export function firstReplicaOf(replica: string): string {
  return replica.replace(/-2$/, '');
}

/** Longer than any start on a machine that does much else. */
const READY_TIMEOUT_MS = 240_000;

/** Snapshots come often, so that writing one is interrupted too. */
const ENVIRONMENT = { LOG_LEVEL: 'warn', AUTH_MODE: 'off', SNAPSHOT_EVERY: '10' };

/** Starts the apps on free ports of loopback, on the embedded engine or on a database of their own. */
export function startChaosSystem(engine: ChaosEngine, dataDir: string, database?: Database): Promise<System> {
  const apps = chaosApps(engine);
  return startSystem({
    ...{ dataDir, apps, env: ENVIRONMENT, readyTimeoutMs: READY_TIMEOUT_MS },
    ...(database && { database }),
  });
}

function replica(of: string, name: string): AppDefinition {
  const app = APPS.find((candidate) => candidate.name === of)!;
  return { ...app, name, portOffset: app.portOffset + REPLICA_PORT_OFFSET };
}
