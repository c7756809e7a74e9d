import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, startSystem } from '@chronicle/tool-system';
import type { AppDefinition, Environment, System } from '@chronicle/tool-system';
import { RecordingClient } from './recording-client.js';
import type { Observation } from './recording-client.js';

/** The name of the second replica of order-read-model-projection in every system of this suite. */
export const SECOND_REPLICA = 'order-read-model-projection-2';

const PORT_OFFSET_OF_SECOND_REPLICA = 21;

/** A running system, with a client for each of its apps. */
export class SystemUnderTest {
  /** What every client of this system has seen. */
  readonly seen: Observation[] = [];
  private readonly clients = new Map<string, RecordingClient>();

  static async start(options: { readonly env?: Environment; readonly apps?: readonly AppDefinition[] } = {}) {
    const dataDir = mkdtempSync(join(tmpdir(), 'e2e-'));
    return new SystemUnderTest(await startSystem({ dataDir, ...options }));
  }

  private constructor(readonly system: System) {}

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

/** The six apps, and a second replica of one consumer group. */
export const APPS_AND_A_REPLICA: readonly AppDefinition[] = [
  ...APPS,
  { ...APPS[2], name: SECOND_REPLICA, portOffset: PORT_OFFSET_OF_SECOND_REPLICA },
];

let current: SystemUnderTest | undefined;

/** Starts the system that the chapters share. */
export async function startShared(): Promise<void> {
  current = await SystemUnderTest.start({ apps: APPS_AND_A_REPLICA });
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
