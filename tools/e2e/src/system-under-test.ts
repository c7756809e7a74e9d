import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, TrialKeyspace, startSystem } from '@chronicle/tool-system';
import type { AppDefinition, Environment, System, TrialCluster } from '@chronicle/tool-system';
import { RecordingClient } from './recording-client.js';
import type { Observation } from './recording-client.js';

export interface SystemUnderTestOptions {
  /** Where the system gets a keyspace of its own; absent: the embedded engine. */
  readonly cluster?: TrialCluster | undefined;
  readonly env?: Environment;
  /** Default: the six apps. */
  readonly apps?: readonly AppDefinition[];
}

/** Bounds for what hangs, not measures: seven processes, and perhaps a database, take their time on a busy machine. */
const READY_TIMEOUT_MS = 300_000;
/** Of the hook that starts a system. */
export const START_TIMEOUT_MS = 600_000;

/** A running system, with a client for each of its apps. */
export class SystemUnderTest {
  /** What every client of this system has seen. */
  readonly seen: Observation[] = [];
  private readonly clients = new Map<string, RecordingClient>();

  static async start({ cluster, ...options }: SystemUnderTestOptions = {}): Promise<SystemUnderTest> {
    const dataDir = mkdtempSync(join(tmpdir(), 'e2e-'));
    const database = cluster && new TrialKeyspace(cluster, dataDir);
    return new SystemUnderTest(
      await startSystem({ dataDir, database, readyTimeoutMs: READY_TIMEOUT_MS, ...options }),
      cluster,
    );
  }

  private constructor(
    readonly system: System,
    private readonly cluster: TrialCluster | undefined,
  ) {}

  /** Another system on the same engine, which shares nothing with this one. */
  another(options: Omit<SystemUnderTestOptions, 'cluster'>): Promise<SystemUnderTest> {
    return SystemUnderTest.start({ cluster: this.cluster, ...options });
  }

  get commands(): RecordingClient {
    return this.client('command-service');
  }
  get queries(): RecordingClient {
    return this.client('query-service');
  }

  /** The client of an app; it stays the same when the app starts again. */
  client(app: string): RecordingClient {
    const known = this.clients.get(app);
    if (known) return known;
    const made = new RecordingClient(app, this.system.url(app), this.seen);
    this.clients.set(app, made);
    return made;
  }

  async stop(): Promise<void> {
    for (const client of this.clients.values()) client.close();
    await this.system.stop();
    rmSync(this.system.dataDir, { recursive: true, force: true });
  }
}

const [COMMAND_SERVICE, , ORDER_READ_MODEL] = APPS;

/** The name of the second replica of order-read-model-projection in every system of this suite. */
export const SECOND_REPLICA = 'order-read-model-projection-2';
/** The name of the second replica of command-service, where there is one. */
export const SECOND_WRITER = 'command-service-2';

/** The six apps, and a second replica of one consumer group. */
export const APPS_AND_A_REPLICA: readonly AppDefinition[] = [
  ...APPS,
  { ...ORDER_READ_MODEL, name: SECOND_REPLICA, portOffset: 21 },
];

/** Those, and a second replica of command-service: for engines that several may write to. */
export const APPS_AND_TWO_REPLICAS: readonly AppDefinition[] = [
  ...APPS_AND_A_REPLICA,
  { ...COMMAND_SERVICE, name: SECOND_WRITER, portOffset: 22 },
];

let current: SystemUnderTest | undefined;

/** Starts the system that the chapters share. */
export async function startShared(options: SystemUnderTestOptions): Promise<void> {
  current = await SystemUnderTest.start(options);
}

export async function stopShared(): Promise<void> {
  await current?.stop();
  current = undefined;
}

/** The system that the chapters share. */
export function shared(): SystemUnderTest {
  if (!current) throw new Error('the shared system runs only while tests run: call shared() inside a test');
  return current;
}
