import {
  APPS,
  WORKERS,
  HttpClient,
  eventually,
  namedCluster,
  startSystem,
  type AppDefinition,
  type System,
} from '@chronicle/tool-system';
import { engineOn } from './cluster.js';
import type { Bench } from './measurement.js';
import { processUsage, type ProcessUsage } from './machine.js';

/** What a worker says of its group. */
interface GroupStatus {
  readonly paused: boolean;
  readonly lag: { readonly events: number; readonly ms: number };
}

const CATCH_UP_MS = 120_000;
/** Six processes on a busy machine. */
const READY_MS = 120_000;

/** The real system, or some of its apps, as `npm start` runs them, and the switches that a measurement needs. */
export class RunningSystem {
  private constructor(
    private readonly system: System,
    readonly apps: readonly string[],
    private readonly admins: readonly HttpClient[],
  ) {}

  static async start(
    dataDir: string,
    apps: readonly AppDefinition[] = APPS,
    env: Readonly<Record<string, string>> = {},
    cluster?: Bench['cluster'],
  ): Promise<RunningSystem> {
    const database = cluster && namedCluster({ engine: engineOn(cluster, dataDir), replication: null });
    const apart = { LOG_LEVEL: 'warn', AUTH_MODE: 'off', ...env };
    const system = await startSystem({
      dataDir,
      apps,
      env: apart,
      readyTimeoutMs: READY_MS,
      ...(database && { database }),
    });
    const names = apps.map(({ name }) => name);
    const workers = WORKERS.filter((worker) => names.includes(worker));
    return new RunningSystem(
      system,
      names,
      workers.map((worker) => new HttpClient(system.url(worker))),
    );
  }

  port(app: string): number {
    return Number(new URL(this.system.url(app)).port);
  }

  /** The process of an app. Throws when the app has ended meanwhile. */
  pid(app: string): number {
    const pid = this.system.pid(app);
    if (pid === undefined) throw new Error(`${app} ended during the measurement:\n${this.system.logs(app).join('\n')}`);
    return pid;
  }

  /** What the process of an app has used. Throws when the app has ended meanwhile. */
  usage(app: string): ProcessUsage {
    return processUsage(this.pid(app));
  }

  /** Pauses the four consumer groups, or lets them go on; resolves when it has taken effect. */
  async setPaused(paused: boolean): Promise<void> {
    const action = paused ? 'pause' : 'resume';
    const answers = await Promise.all(this.admins.map((admin) => admin.post(`/admin/${action}`)));
    for (const { status, text } of answers)
      if (status !== 200) throw new Error(`${action} was answered ${status}: ${text}`);
  }

  /** Events that each consumer group has yet to handle. */
  async lags(): Promise<readonly number[]> {
    const answers = await Promise.all(this.admins.map((admin) => admin.get('/admin/status')));
    return answers.map(({ text }) => (JSON.parse(text) as GroupStatus).lag.events);
  }

  /** Resolves when no group has anything left to handle. */
  whenCaughtUp(): Promise<void> {
    return eventually(async () => {
      const lags = await this.lags();
      if (lags.some((events) => events > 0)) throw new Error(`consumer groups lag behind: ${lags.join(', ')} events`);
    }, CATCH_UP_MS);
  }

  async stop(): Promise<void> {
    for (const admin of this.admins) admin.close();
    await this.system.stop();
  }
}

/** Runs `body` with a system that is stopped afterwards, whatever happens. */
export async function withSystem<Result>(
  starting: Promise<RunningSystem>,
  body: (system: RunningSystem) => Promise<Result>,
): Promise<Result> {
  const system = await starting;
  try {
    return await body(system);
  } finally {
    await system.stop();
  }
}
