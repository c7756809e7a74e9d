import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { AppDefinition } from './apps.js';
import { HOST } from './ports.js';
import { identityOf } from '@chronicle/process-identity';
import type { RunningApp } from './system-file.js';

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a supervised app tells its supervisor. */
export interface AppObserver {
  onLine(app: string, line: string): void;
  onNotice(app: string, text: string): void;
  /** A process of the app began or ended: `system.json` is no longer true. */
  onChange(): void;
}

/** An app that ended by itself starts again after the first wait; each further end soon after its start doubles the wait. */
const RESTART_WAIT_MS = { first: 100, max: 2000 };

/**
 * What keeps an app below 200 MB under constant load, where it would take 300: V8 lets its young generation grow to 128 MB, with
 * gigabytes of heap allowed it lets garbage pile up to several times what lives, and glibc keeps a heap for every thread.
 */
const MEMORY_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=512'];
const MEMORY_ENVIRONMENT: Environment = { MALLOC_ARENA_MAX: '2' };

/** A process that lived this long was well: after its end the wait is the first one again. */
const WELL_AFTER_MS = 5000;

/**
 * One app and the processes that run it, one after another: a process that ends is replaced until {@link stop}. `FAILPOINT` goes
 * to the first process only: a fault that is to happen once would otherwise happen after every restart.
 */
export class SupervisedApp {
  /** Has any of its processes said that it is ready? */
  wasReady = false;
  /** Ends that nobody asked for while it was never ready. */
  failedStarts = 0;
  lastEnding: Ending | undefined;
  private process: ChildProcess | undefined;
  private startedAt = 0;
  /** Ends in a row that nobody asked for, each soon after its start. */
  private earlyEnds = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private mode: 'supervised' | 'held' | 'stopped' = 'supervised';
  private identity: RunningApp | undefined;

  constructor(
    readonly definition: AppDefinition,
    readonly port: number,
    private readonly environment: Environment,
    private readonly observer: AppObserver,
  ) {}

  get name(): string {
    return this.definition.name;
  }
  get url(): string {
    return `http://${HOST}:${this.port}`;
  }
  /** Of the process that runs now; undefined between two. */
  get running(): RunningApp | undefined {
    return this.identity;
  }

  /** Starts a process, with `environment` on top of the app's own for this process only. */
  start(environment: Environment = {}): void {
    if (this.process) throw new Error(`${this.name} already runs as process ${this.process.pid}: hold it first`);
    this.mode = 'supervised';
    clearTimeout(this.restartTimer);
    const child = spawn(process.execPath, ['--enable-source-maps', ...MEMORY_FLAGS, this.definition.entry], {
      env: { ...MEMORY_ENVIRONMENT, ...this.environment, ...environment, PORT: String(this.port), HOST },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.process = child;
    this.startedAt = performance.now();
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.observer.onLine(this.name, line));
    }
    child.once('error', (error) => this.ended(child, { code: null, signal: null }, error));
    child.once('exit', (code, signal) => this.ended(child, { code, signal }));
    if (child.pid !== undefined)
      this.identity = { name: this.name, ...identityOf(child.pid), port: this.port, url: this.url };
    this.observer.onChange();
  }

  /** Sends `signal` to the process that runs now; false when none does. What ends by it starts again. */
  kill(signal: NodeJS.Signals): boolean {
    return this.process?.kill(signal) ?? false;
  }

  /** Resolves when the process that runs now has ended; at once when none does. */
  async whenEnded(): Promise<void> {
    if (this.process) await once(this.process, 'exit');
  }

  /** Ends the app as {@link stop} does, and leaves it ended until {@link start}. */
  async hold(graceMs: number): Promise<void> {
    this.mode = 'held';
    await this.end(graceMs);
  }

  /** Asks the process to end (SIGTERM), kills it when it has not within `graceMs`, and starts none again. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.mode = 'stopped';
    await this.end(graceMs);
  }

  private async end(graceMs: number): Promise<void> {
    clearTimeout(this.restartTimer);
    const child = this.process;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    child.kill('SIGCONT'); // a process that was stopped in a test hears SIGTERM only when it goes on
    const timer = setTimeout(() => {
      this.observer.onNotice(this.name, `did not end within ${graceMs / 1000} s of SIGTERM: killing it`);
      child.kill('SIGKILL');
    }, graceMs);
    await ended;
    clearTimeout(timer);
  }

  private ended(child: ChildProcess, ending: Ending, error?: Error): void {
    if (this.process !== child) return;
    this.process = undefined;
    this.identity = undefined;
    this.lastEnding = ending;
    if (this.mode === 'supervised') this.startAgain(ending, error);
    this.observer.onChange();
  }

  private startAgain(ending: Ending, error?: Error): void {
    if (!this.wasReady) this.failedStarts += 1;
    this.earlyEnds = performance.now() - this.startedAt >= WELL_AFTER_MS ? 1 : this.earlyEnds + 1;
    const waitMs = Math.min(RESTART_WAIT_MS.max, RESTART_WAIT_MS.first * 2 ** (this.earlyEnds - 1));
    const why = error ? `could not be started (${error.message})` : `ended by itself (${describeEnding(ending)})`;
    this.observer.onNotice(this.name, `${why}; starting it again in ${waitMs} ms`);
    this.restartTimer = setTimeout(() => this.start({ FAILPOINT: undefined }), waitMs);
  }
}

/** `exit code 1` or `signal SIGKILL`. */
export function describeEnding({ code, signal }: Ending): string {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
