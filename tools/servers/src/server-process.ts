import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { whenWeEnd } from './guard.js';
import { identityOf, isAlive } from '@chronicle/process-identity';
import type { ProcessIdentity } from '@chronicle/process-identity';
import { waitUntil } from './wait-until.js';

export interface LaunchOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard output and standard error are added to this file. */
  readonly logFile: string;
  /** False: the server is killed when this process ends, even when that is killed itself. True: it runs on. */
  readonly outlive: boolean;
}

const END_POLL_MS = 20;
/** After SIGKILL only the kernel has work to do; a longer wait means a disk that does not answer. */
const KILLED_TIMEOUT_MS = 30_000;

/** A process of a server, launched here or by an earlier command. Known by its id and the time of its start. */
export class ServerProcess {
  /** Throws when the command cannot be run at all. */
  static async launch({ command, args, logFile, outlive }: LaunchOptions): Promise<ServerProcess> {
    const log = openSync(logFile, 'a');
    // A session of its own: the Ctrl-C of a terminal is for us, who then stop the server in order.
    const child = spawn(command, [...args], { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    await new Promise<void>((spawned, failed) => child.once('spawn', spawned).once('error', failed));
    child.unref();
    if (!outlive) child.once('exit', whenWeEnd('kill -9', String(child.pid)));
    return new ServerProcess(identityOf(child.pid!));
  }

  constructor(readonly identity: ProcessIdentity) {}

  get pid(): number {
    return this.identity.pid;
  }

  isAlive(): boolean {
    return isAlive(this.identity);
  }

  /** Sends a signal; does nothing when the process has ended. */
  signal(signal: NodeJS.Signals): void {
    if (!this.isAlive()) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // else it ended just now
    }
  }

  /** True once the process has ended, false when it still runs after `timeoutMs`. */
  async waitForEnd(timeoutMs: number): Promise<boolean> {
    const ended = await waitUntil(() => (this.isAlive() ? undefined : true), { everyMs: END_POLL_MS, timeoutMs });
    return ended ?? false;
  }

  /** Asks the process to end, kills it when it has not after `graceMs`, and returns when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.signal('SIGTERM');
    this.signal('SIGCONT'); // one that a test has paused would never hear the other signal
    if (await this.waitForEnd(graceMs)) return;
    this.signal('SIGKILL');
    if (await this.waitForEnd(KILLED_TIMEOUT_MS)) return;
    throw new Error(`process ${this.pid} still runs ${KILLED_TIMEOUT_MS / 1000} s after SIGKILL`);
  }
}
