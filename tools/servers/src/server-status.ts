import { join } from 'node:path';
import { askCql, askKafka } from './ask-servers.js';
import { isAlive } from '@chronicle/process-identity';
import { ServerProcess } from './server-process.js';
import { readServerRecord, serverFolder, writeServerRecord } from './server-record.js';
import type { ServerKind } from './server-record.js';

/** `mute`: the process runs and does not answer its clients: it starts, is paused, or has a problem. */
export type NodeState = 'ready' | 'mute' | 'stopped';

export interface NodeStatus {
  readonly kind: ServerKind;
  /** `host:port` for clients. */
  readonly address: string;
  readonly state: NodeState;
  /** Null when none runs. */
  readonly pid: number | null;
  /** Data and logs. */
  readonly folder: string;
}

/** How the servers of a kind on a data directory do; none when none was ever started there. Takes up to 5 s if one is mute. */
export async function statusOf(dataDir: string, kind: ServerKind): Promise<NodeStatus[]> {
  const nodes = readServerRecord(dataDir, kind)?.nodes ?? [];
  return Promise.all(
    nodes.map(async ({ host, ports, process }, index) => {
      const address = `${host}:${ports.client}`;
      const folder = join(serverFolder(dataDir, kind), `node-${index + 1}`);
      if (!process || !isAlive(process)) return { kind, address, state: 'stopped' as const, pid: null, folder };
      return { kind, address, state: await ask(kind, address), pid: process.pid, folder };
    }),
  );
}

/** Ends the servers of a kind on a data directory, whoever started them, and returns the addresses of those that ran. */
export async function stopServers(dataDir: string, kind: ServerKind, graceMs: number): Promise<string[]> {
  const record = readServerRecord(dataDir, kind);
  if (!record) return [];
  const running = record.nodes.filter((node) => node.process && isAlive(node.process));
  await Promise.all(running.map((node) => new ServerProcess(node.process!).stop(graceMs)));
  writeServerRecord(dataDir, { ...record, nodes: record.nodes.map((node) => ({ ...node, process: null })) });
  return running.map((node) => `${node.host}:${node.ports.client}`);
}

async function ask(kind: ServerKind, address: string): Promise<NodeState> {
  try {
    await (kind === 'cassandra' ? askCql(address) : askKafka([address]));
    return 'ready';
  } catch {
    return 'mute';
  }
}
