import { ServerSetMismatchError, ServerStartError } from './errors.js';
import { isAlive } from '@chronicle/process-identity';
import { requireFree } from './ports.js';
import type { Progress } from './progress.js';
import { ServerNode } from './server-node.js';
import type { NodePlan } from './server-node.js';
import { ServerProcess } from './server-process.js';
import { readServerRecord, writeServerRecord } from './server-record.js';
import type { RecordedNode, ServerKind, ServerRecord } from './server-record.js';

/** `default`: the ports everybody knows. A number: that one and those above it. `free`: any that nobody uses. */
export type PortChoice = 'default' | 'free' | number;

export interface ServerSetOptions {
  readonly dataDir: string;
  readonly ports: PortChoice;
  readonly outlive: boolean;
  readonly readyTimeoutMs: number;
  readonly progress: Progress;
  /** Aborted: a start under way ends with an error. */
  readonly signal?: AbortSignal;
}

/** How many servers, where they listen, and how each is launched. */
export interface ServerSetPlan {
  readonly kind: ServerKind;
  readonly hosts: readonly string[];
  /** Chooses the ports of each host; called when the data directory is new. */
  readonly choosePorts: (choice: PortChoice) => Promise<RecordedNode['ports'][]>;
  readonly planNode: (nodes: readonly RecordedNode[], index: number) => NodePlan;
}

/**
 * Starts the servers of a plan on a data directory, one after the other, and writes down which processes they are. Continues on
 * the data, and the ports, of an earlier run. When one does not start, those started here are stopped again.
 */
export async function startServerSet(plan: ServerSetPlan, options: ServerSetOptions): Promise<ServerNode[]> {
  const record = readServerRecord(options.dataDir, plan.kind) ?? (await newRecord(plan, options.ports));
  await requireSameSet(plan, options, record);
  const running = record.nodes.filter((node) => node.process && isAlive(node.process));
  if (running.length > 0 && !options.outlive) throw alreadyRunning(options.dataDir, running);
  await requireFree(record.nodes.filter((node) => !running.includes(node)).flatMap(addressesOf));

  const nodes = record.nodes.map((recorded, index): ServerNode => {
    const process = recorded.process && running.includes(recorded) ? new ServerProcess(recorded.process) : undefined;
    return new ServerNode(plan.planNode(record.nodes, index), { ...options, launched: () => save() }, process);
  });
  const save = () =>
    writeServerRecord(options.dataDir, {
      ...record,
      nodes: record.nodes.map((recorded, index) => ({ ...recorded, process: nodes[index]!.identity })),
    });
  await startInTurn(nodes);
  return nodes;
}

async function startInTurn(nodes: readonly ServerNode[]): Promise<void> {
  const launchedHere = nodes.filter((node) => !node.isAlive());
  try {
    for (const node of nodes) await node.start();
  } catch (error) {
    await Promise.all(launchedHere.map((node) => node.stop()));
    throw error;
  }
}

async function newRecord(plan: ServerSetPlan, choice: PortChoice): Promise<ServerRecord> {
  const ports = await plan.choosePorts(choice);
  return { kind: plan.kind, nodes: plan.hosts.map((host, index) => ({ host, ports: ports[index]!, process: null })) };
}

async function requireSameSet(plan: ServerSetPlan, options: ServerSetOptions, record: ServerRecord): Promise<void> {
  const found = record.nodes.map((node) => node.host).join();
  if (found !== plan.hosts.join()) {
    throw mismatch(
      options,
      record,
      `${plan.hosts.length} ${plan.kind} server(s) asked for, found ${record.nodes.length}`,
    );
  }
  if (typeof options.ports !== 'number') return;
  const [asked] = await plan.choosePorts(options.ports);
  const [kept] = record.nodes;
  if (asked!.client !== kept!.ports.client) {
    throw mismatch(options, record, `port ${asked!.client} asked for, found ${kept!.ports.client}`);
  }
}

function mismatch({ dataDir }: ServerSetOptions, { kind }: ServerRecord, difference: string): ServerSetMismatchError {
  return new ServerSetMismatchError(
    `${dataDir} was made by another set of ${kind} servers: ${difference}; ` +
      'leave the option out to continue that set, or name another folder with --data-dir',
  );
}

function alreadyRunning(dataDir: string, nodes: readonly RecordedNode[]): ServerStartError {
  const processes = nodes.map((node) => `${node.host}:${node.ports.client} (process ${node.process!.pid})`).join(', ');
  return new ServerStartError(`the servers of ${dataDir} run already: ${processes}; stop them, or use another folder`);
}

function addressesOf({ host, ports }: RecordedNode): { host: string; port: number }[] {
  return Object.values(ports).map((port) => ({ host, port }));
}
