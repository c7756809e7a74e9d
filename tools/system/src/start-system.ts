import type { EngineConfig } from '@chronicle/engine';
import { APPS } from './apps.js';
import type { AppDefinition } from './apps.js';
import type { Database } from './database.js';
import { freeBasePort } from './ports.js';
import type { Environment } from './supervised-app.js';
import { AppFailedError, STOP_GRACE_MS, Supervisor } from './supervisor.js';
import type { SupervisorObserver } from './supervisor.js';

/** What a test wants to run. */
export interface SystemOptions {
  /** Absolute path; made when it is missing, kept afterwards. */
  readonly dataDir: string;
  /** Default: one above which every port is free. */
  readonly basePort?: number;
  /** On top of the environment of this process. */
  readonly env?: Environment;
  /** Default: the six apps. A second replica is the same entry under another name and port. */
  readonly apps?: readonly AppDefinition[];
  readonly readyTimeoutMs?: number;
  /** Default: none, the embedded engine. */
  readonly database?: Database;
}

/** A running system in the hands of a test. Apps that end by themselves start again, as under `npm start`. */
export interface System {
  readonly dataDir: string;
  readonly basePort: number;
  /** Where the apps keep their data, for whoever looks at it beside them. */
  readonly engine: EngineConfig;
  url(app: string): string;
  /** Of the process that runs now; undefined between two. */
  pid(app: string): number | undefined;
  /** Sends a signal; what ends by it starts again. Resolves when a process that was killed is gone. */
  kill(app: string, signal: NodeJS.Signals): Promise<void>;
  /** Ends an app in order and leaves it so until {@link start}. */
  hold(app: string, graceMs?: number): Promise<void>;
  /** Starts a held app, its first process with `env` on top (a `FAILPOINT`, say), and waits until it is ready. */
  start(app: string, env?: Environment): Promise<void>;
  /** {@link hold} and {@link start}. */
  restart(app: string, env?: Environment): Promise<void>;
  /** Resolves when all apps are ready, or those named; rejects after the time of `readyTimeoutMs`. */
  whenReady(...apps: string[]): Promise<void>;
  /** The newest log lines of an app, through all its processes; at most {@link LOG_LINES_MAX}. */
  logs(app: string): readonly string[];
  /** Stops every app. */
  stop(graceMs?: number): Promise<void>;
}

/** How many log lines of an app are kept. */
export const LOG_LINES_MAX = 5000;

const READY_TIMEOUT_MS = 60_000;
const LINES_SHOWN = 20;

/** What Jest sets for its own processes and no app should see. */
const NOT_FOR_APPS = { NODE_OPTIONS: undefined, NODE_ENV: undefined, JEST_WORKER_ID: undefined };

/** Starts a system and waits until it is ready. When it is not in time, the error shows the last log lines of the app at fault. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, env, apps = APPS, readyTimeoutMs = READY_TIMEOUT_MS, database } = options;
  const basePort = options.basePort ?? (await freeBasePort(apps));
  const logs = new CapturedLogs();
  const environment = { ...process.env, ...NOT_FOR_APPS, ...env };
  const supervisor = await Supervisor.start({ apps, basePort, dataDir, environment, observer: logs, database });
  const system = new SupervisedSystem(supervisor, logs, dataDir, basePort, readyTimeoutMs);
  try {
    await system.whenReady();
  } catch (error) {
    await system.stop();
    throw error;
  }
  return system;
}

class SupervisedSystem implements System {
  constructor(
    private readonly supervisor: Supervisor,
    private readonly captured: CapturedLogs,
    readonly dataDir: string,
    readonly basePort: number,
    private readonly readyTimeoutMs: number,
  ) {}

  get engine(): EngineConfig {
    return this.supervisor.engine;
  }
  url(app: string): string {
    return this.supervisor.app(app).url;
  }
  pid(app: string): number | undefined {
    return this.supervisor.app(app).running?.pid;
  }
  logs(app: string): readonly string[] {
    return this.captured.of(app);
  }

  async kill(app: string, signal: NodeJS.Signals): Promise<void> {
    const supervised = this.supervisor.app(app);
    const ended = signal === 'SIGKILL' ? supervised.whenEnded() : Promise.resolve();
    if (!supervised.kill(signal)) throw new Error(`${app} does not run now: nothing to send ${signal} to`);
    await ended;
  }

  async hold(app: string, graceMs = STOP_GRACE_MS): Promise<void> {
    await this.supervisor.app(app).hold(graceMs);
  }
  async start(app: string, env: Environment = {}): Promise<void> {
    this.supervisor.app(app).start(env);
    await this.whenReady(app);
  }
  async restart(app: string, env?: Environment): Promise<void> {
    await this.hold(app);
    await this.start(app, env);
  }

  async whenReady(...apps: string[]): Promise<void> {
    try {
      await this.supervisor.whenReady(AbortSignal.timeout(this.readyTimeoutMs), apps.length === 0 ? undefined : apps);
    } catch (error) {
      if (!(error instanceof AppFailedError)) throw error;
      const lines = this.captured.of(error.app).slice(-LINES_SHOWN).join('\n');
      throw new Error(`${error.message}\n${lines}`, { cause: error });
    }
  }

  async stop(graceMs?: number): Promise<void> {
    await this.supervisor.stop(graceMs);
  }
}

class CapturedLogs implements SupervisorObserver {
  private readonly lines = new Map<string, string[]>();

  of(app: string): readonly string[] {
    return this.lines.get(app) ?? [];
  }
  onLine(app: string, line: string): void {
    const lines = this.lines.get(app) ?? [];
    this.lines.set(app, lines);
    lines.push(line);
    if (lines.length > LOG_LINES_MAX) lines.shift();
  }
  onNotice(app: string | undefined, text: string): void {
    if (app !== undefined) this.onLine(app, `[supervisor] ${text}`);
  }
}
