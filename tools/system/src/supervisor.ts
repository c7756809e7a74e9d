import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { EngineConfig } from '@chronicle/engine';
import { systemClock } from '@chronicle/seams';
import type { AppDefinition } from './apps.js';
import type { Database } from './database.js';
import { environmentOf } from './engine-options.js';
import { takenPorts } from './ports.js';
import type { TakenPort } from './ports.js';
import { identityOf } from '@chronicle/process-identity';
import { askReadiness } from './readiness.js';
import { SupervisedApp, describeEnding } from './supervised-app.js';
import type { AppObserver, Environment } from './supervised-app.js';
import { SystemFile, orphansOf } from './system-file.js';
import type { RunningSystem } from './system-file.js';

/** What a supervisor runs, where, and who hears of it. */
export interface SupervisorOptions {
  readonly apps: readonly AppDefinition[];
  readonly basePort: number;
  /** Absolute path; made when it is missing. */
  readonly dataDir: string;
  /** Started before the apps and stopped after them; absent: the embedded engine. */
  readonly database?: Database | undefined;
  /** Aborted: whoever starts the system does not want it any more. */
  readonly signal?: AbortSignal;
  readonly environment: Environment;
  readonly observer: SupervisorObserver;
}

/** Hears every log line of every app, and what the supervisor itself has to say. */
export interface SupervisorObserver {
  onLine(app: string, line: string): void;
  /** `app` is undefined for what concerns the whole system, and `database` for the database. */
  onNotice(app: string | undefined, text: string): void;
}

/** Somebody else listens on ports that the apps need. */
export class PortsTakenError extends Error {
  readonly code = 'ports-taken';
  constructor(readonly taken: readonly TakenPort[]) {
    const list = taken.map(({ app, port }) => `${port} (${app})`).join(', ');
    super(`already in use: port ${list}. Stop what listens there, or choose other ports with --base-port`);
    this.name = 'PortsTakenError';
  }
}

/** An app cannot be started: its module is missing, or it ends again and again before it was ever ready. */
export class AppFailedError extends Error {
  readonly code = 'app-failed';
  constructor(
    readonly app: string,
    reason: string,
  ) {
    super(`${app} ${reason}`);
    this.name = 'AppFailedError';
  }
}

/** How long apps may take to end after SIGTERM. Their own drain is bounded by 20 s. */
export const STOP_GRACE_MS = 25_000;

/** How often readiness is asked while waiting for it, and how often the wait is reported. */
const READY_POLL_MS = 100;
const READY_REPORT_MS = 5000;

/** An app that was never ready and ends this often in a row with an exit code of its own has a reason that will not pass. */
const FAILED_STARTS_MAX = 3;

/** Under this name its progress is told. */
const DATABASE = 'database';

/** With this exit code (EX_CONFIG of sysexits.h) an app says that its configuration cannot be used: it will not be better next time. */
const CONFIG_EXIT_CODE = 78;

/**
 * Runs the apps of one system as processes of this one: starts them, starts again those that end, and stops them together.
 * They hold an IPC channel to this process: when it dies, by whatever signal, the channel closes and they drain.
 */
export class Supervisor {
  /**
   * Claims the data directory and starts every app. Throws `DataDirInUseError`, {@link PortsTakenError} or {@link AppFailedError}
   * before anything runs. Apps that a killed supervisor left behind are given {@link STOP_GRACE_MS} to end.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    for (const { name, entry } of options.apps) {
      if (!existsSync(entry))
        throw new AppFailedError(name, `is not built: ${entry} is missing; run \`npm run build\``);
    }
    await orphansEnded(options);
    const { dataDir, basePort, apps, database } = options;
    const embedded: EngineConfig = { engine: 'embedded', dataDir };
    const claim = { ...embedded, supervisor: identityOf(process.pid), startedAt: new Date().toISOString(), basePort };
    const file = SystemFile.claim({ ...claim, apps: [] });
    try {
      const taken = await takenPorts(apps, basePort);
      if (taken.length > 0) throw new PortsTakenError(taken);
      const engine = database ? await startDatabase(database, options) : embedded;
      const supervisor = new Supervisor(options, engine, claim.startedAt);
      supervisor.run(file);
      return supervisor;
    } catch (error) {
      file.release();
      throw error;
    }
  }

  private readonly apps: ReadonlyMap<string, SupervisedApp>;
  private file: SystemFile | undefined;
  private stopping: Promise<void> | undefined;

  private constructor(
    private readonly options: SupervisorOptions,
    /** Where the apps keep their data. */
    readonly engine: EngineConfig,
    private readonly startedAt: string,
  ) {
    const observer: AppObserver = {
      onLine: (app, line) => options.observer.onLine(app, line),
      onNotice: (app, text) => options.observer.onNotice(app, text),
      onChange: () => this.recordProcesses(),
    };
    this.apps = new Map(
      options.apps.map((definition) => {
        const environment = { ...options.environment, ...definition.environment, ...environmentOf(engine) };
        const port = options.basePort + definition.portOffset;
        return [definition.name, new SupervisedApp(definition, port, environment, observer)];
      }),
    );
  }

  /** The app of that name, or an `Error` that lists those there are. */
  app(name: string): SupervisedApp {
    const app = this.apps.get(name);
    if (!app) throw new Error(`no app ${name} in this system; there are ${this.names.join(', ')}`);
    return app;
  }
  get names(): readonly string[] {
    return [...this.apps.keys()];
  }

  /**
   * Resolves when every app, or those of `names`, has answered that it is ready. Reports what is not, and why, as it waits.
   * Rejects with {@link AppFailedError} when an app cannot even start, or when `signal` is aborted.
   */
  async whenReady(signal: AbortSignal, names: readonly string[] = this.names): Promise<void> {
    await Promise.all(names.map((name) => this.appReady(this.app(name), signal)));
  }

  /** Stops every app and gives the data directory back. May be called again: it is the same stop. */
  stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.stopping ??= this.stopAll(graceMs);
    return this.stopping;
  }

  /** Kills what still runs: for people who will not wait for {@link stop}, which then resolves at once. */
  killNow(): void {
    for (const app of this.apps.values()) app.kill('SIGKILL');
  }

  private run(file: SystemFile): void {
    this.file = file;
    for (const app of this.apps.values()) app.start();
  }

  /** A full disk must not end the supervision: the apps matter more than the file that tells of them. */
  private recordProcesses(): void {
    try {
      this.file?.update(this.describe());
    } catch (error) {
      this.options.observer.onNotice(undefined, `cannot write system.json: ${(error as Error).message}`);
    }
  }

  private async stopAll(graceMs: number): Promise<void> {
    await Promise.all([...this.apps.values()].map((app) => app.stop(graceMs)));
    await this.options.database?.stop();
    this.file?.release();
    this.file = undefined;
  }

  private async appReady(app: SupervisedApp, signal: AbortSignal): Promise<void> {
    let reportAt = performance.now() + READY_REPORT_MS;
    for (;;) {
      const readiness = await askReadiness(app.url);
      if (readiness.ready) {
        app.wasReady = true;
        return this.options.observer.onNotice(app.name, `ready on ${app.url}`);
      }
      if (signal.aborted) throw new AppFailedError(app.name, `is not ready: ${readiness.reason}`);
      this.failHopeless(app);
      if (performance.now() >= reportAt) {
        this.options.observer.onNotice(app.name, `not ready yet: ${readiness.reason}`);
        reportAt += READY_REPORT_MS;
      }
      await systemClock.sleep(READY_POLL_MS, signal);
    }
  }

  private failHopeless(app: SupervisedApp): void {
    const { failedStarts, lastEnding, wasReady } = app;
    if (wasReady || !lastEnding || lastEnding.code === null) return;
    if (failedStarts < FAILED_STARTS_MAX && lastEnding.code !== CONFIG_EXIT_CODE) return;
    const often = failedStarts === 1 ? 'it ended' : `it ended ${failedStarts} times in a row`;
    throw new AppFailedError(
      app.name,
      `cannot start: ${often} (${describeEnding(lastEnding)}); its last lines say why`,
    );
  }

  private describe(): RunningSystem {
    return {
      supervisor: identityOf(process.pid),
      startedAt: this.startedAt,
      ...withoutPassword(this.engine),
      basePort: this.options.basePort,
      apps: [...this.apps.values()].flatMap((app) => app.running ?? []),
    };
  }
}

/** What was started of a database that cannot be used, or that nobody waits for any more, is stopped again. */
async function startDatabase(database: Database, { observer, signal }: SupervisorOptions): Promise<EngineConfig> {
  signal?.throwIfAborted();
  const starting = database.start((line) => observer.onNotice(DATABASE, line));
  const aborted = signal && once(signal, 'abort').then(() => signal.throwIfAborted() as never);
  try {
    return await (aborted ? Promise.race([starting, aborted]) : starting);
  } catch (error) {
    await database.stop();
    throw error;
  }
}

function withoutPassword({ cqlPassword: _, ...engine }: EngineConfig): EngineConfig {
  return engine;
}

async function orphansEnded({ dataDir, observer }: SupervisorOptions): Promise<void> {
  const deadline = performance.now() + STOP_GRACE_MS;
  let orphans = orphansOf(dataDir);
  if (orphans.length === 0) return;
  observer.onNotice(undefined, `the last supervisor was killed; waiting for its apps to end: ${listing(orphans)}`);
  while (orphans.length > 0 && performance.now() < deadline) {
    await systemClock.sleep(READY_POLL_MS);
    orphans = orphansOf(dataDir);
  }
}

function listing(apps: readonly { readonly name: string; readonly pid: number }[]): string {
  return apps.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
}
