import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ServerStartError } from './errors.js';
import { logLength, logTail } from './log-tail.js';
import type { ProcessIdentity } from '@chronicle/process-identity';
import type { Progress } from './progress.js';
import { ServerProcess } from './server-process.js';
import { waitUntil } from './wait-until.js';

/** How one server is launched, and how it is asked whether it serves. */
export interface NodePlan {
  /** `host:port` that clients connect to. */
  readonly address: string;
  /** Everything the server writes lies here, its logs too. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What is done before each launch. */
  readonly prepare?: () => Promise<void>;
  /** Resolves when the server answers its clients; rejects as long as it does not. Bounded in time. */
  readonly ask: () => Promise<unknown>;
}

export interface NodeSurroundings {
  readonly outlive: boolean;
  readonly readyTimeoutMs: number;
  readonly progress: Progress;
  /** Aborted: a start under way ends with an error; the server it launched is there to be stopped. */
  readonly signal?: AbortSignal;
  /** Called with each new process before anything else can happen, so that it can be written down. */
  readonly launched: () => void;
}

const READY_POLL_MS = 200;
/** Cassandra needs 1 to 3 s to write its memory down, Kafka 1 s; a busy disk takes its time. */
const STOP_GRACE_MS = 30_000;
const ENDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT'];

/** One server of a set: a test may pause it, kill it and bring it back. */
export class ServerNode {
  constructor(
    private readonly plan: NodePlan,
    private readonly surroundings: NodeSurroundings,
    private process?: ServerProcess,
  ) {}

  get address(): string {
    return this.plan.address;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number {
    return this.running().pid;
  }

  get identity(): ProcessIdentity | null {
    return this.process?.identity ?? null;
  }

  isAlive(): boolean {
    return this.process?.isAlive() ?? false;
  }

  /** Launches the server, unless it runs, and returns when it answers. {@link ServerStartError} when it does not. */
  async start(): Promise<void> {
    mkdirSync(this.plan.folder, { recursive: true });
    const log = join(this.plan.folder, 'output.log');
    const logFrom = logLength(log);
    if (!this.isAlive()) await this.launch(log);
    const reason = await this.waitUntilReady();
    if (reason === undefined) return this.surroundings.progress(`${this.address} is ready (process ${this.pid})`);
    throw new ServerStartError(
      `${this.address} does not serve: ${reason}. Its logs are in ${this.plan.folder}; the last lines of output.log:\n` +
        logTail(log, logFrom),
    );
  }

  /** Sends a signal. Of one that ends a process, awaits the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const process = this.running();
    process.signal(signal);
    if (!ENDING_SIGNALS.includes(signal) || (await process.waitForEnd(STOP_GRACE_MS))) return;
    throw new Error(`${this.address}: process ${process.pid} still runs ${STOP_GRACE_MS / 1000} s after ${signal}`);
  }

  /** Starts the server again on the same data and address, after stopping it in order if it still runs. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Asks the server to end, kills it when it takes too long, and returns when it is gone. */
  async stop(): Promise<void> {
    await this.process?.stop(STOP_GRACE_MS);
  }

  private async launch(logFile: string): Promise<void> {
    const { command, args } = this.plan;
    this.surroundings.progress(`starting ${this.address}`);
    await this.plan.prepare?.();
    this.process = await ServerProcess.launch({ command, args, logFile, outlive: this.surroundings.outlive });
    this.surroundings.launched();
  }

  /** Undefined when the server answers, else why it does not. */
  private async waitUntilReady(): Promise<string | undefined> {
    const timeoutMs = this.surroundings.readyTimeoutMs;
    let unanswered = '';
    const result = await waitUntil(
      async () => {
        if (!this.isAlive()) return { failed: `process ${this.pid} has ended` };
        if (this.surroundings.signal?.aborted) return { failed: 'nobody waits for it any more' };
        try {
          await this.plan.ask();
          return { failed: undefined };
        } catch (error) {
          unanswered = messageOf(error);
          return undefined;
        }
      },
      { everyMs: READY_POLL_MS, timeoutMs },
    );
    return result ? result.failed : `no answer within ${timeoutMs / 1000} s (${unanswered})`;
  }

  private running(): ServerProcess {
    if (this.process) return this.process;
    throw new Error(`${this.address} was never started`);
  }
}
