import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineConfig } from '@chronicle/engine';
import { systemClock } from '@chronicle/seams';
import type { CassandraServers } from '@chronicle/tool-servers';
import { prepareKeyspace, type Database } from './database.js';

/** A small machine with much else to do takes minutes where others take ten seconds. */
const READY_TIMEOUT_MS = 300_000;

/** How often it is looked whether the server still runs. */
const WATCH_MS = 200;

/** A server that ended by itself starts again after the first wait; each start that fails doubles the wait. */
const RESTART_WAIT_MS = { first: 100, max: 10_000 };

/** One node of Cassandra on the data directory, which ends with this process. One that ends by itself starts again on its data. */
export class OwnCassandra implements Database {
  readonly #stopping = new AbortController();
  #servers: Promise<CassandraServers> | undefined;
  #watching: Promise<void> | undefined;

  constructor(private readonly engine: Pick<EngineConfig, 'dataDir' | 'keyspace' | 'changeLogRetentionHours'>) {}

  async start(tell: (line: string) => void): Promise<EngineConfig> {
    this.#servers = startServer(this.engine.dataDir, tell, this.#stopping.signal);
    const { contactPoints, localDataCenter: writeDatacenter, nodes } = await this.#servers;
    const engine: EngineConfig = { ...this.engine, engine: 'cassandra', contactPoints, writeDatacenter };
    await prepareKeyspace(engine, { [writeDatacenter]: 1 }, tell);
    this.#watching = keepRunning(nodes[0]!, tell, this.#stopping.signal);
    return engine;
  }

  /** Ends the server in order, also while it starts. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    const servers = await this.#servers?.catch(() => undefined); // what could not be started has been stopped already
    await servers?.stop();
  }
}

/** Has a system on a Cassandra of its own, and none of the embedded engine, kept its data in this folder? */
export function isOfOwnCassandra(dataDir: string): boolean {
  return existsSync(join(dataDir, 'cassandra')) && !existsSync(join(dataDir, 'events.db'));
}

async function startServer(
  dataDir: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<CassandraServers> {
  // Loaded when a server is started: what knows servers brings half a second of modules with it.
  const { startCassandra } = await import('@chronicle/tool-servers');
  signal.throwIfAborted();
  const progress = (line: string) => tell(line.replace(/^cassandra: /, ''));
  return startCassandra({ dataDir, readyTimeoutMs: READY_TIMEOUT_MS, progress, signal });
}

async function keepRunning(
  node: CassandraServers['nodes'][number],
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = RESTART_WAIT_MS.first;
  while (!signal.aborted) {
    if (node.isAlive()) {
      await systemClock.sleep(WATCH_MS, signal);
      continue;
    }
    tell(`${node.address} ended by itself; starting it again in ${waitMs} ms`);
    await systemClock.sleep(waitMs, signal);
    if (signal.aborted) return;
    try {
      await node.start();
      waitMs = RESTART_WAIT_MS.first;
    } catch (error) {
      if (!signal.aborted) tell((error as Error).message);
      waitMs = Math.min(RESTART_WAIT_MS.max, 2 * waitMs);
    }
  }
}
