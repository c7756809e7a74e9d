import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '@chronicle/process-identity';

/** A kind of server that this tool can run. */
export type ServerKind = 'cassandra' | 'kafka';

export const SERVER_KINDS: readonly ServerKind[] = ['cassandra', 'kafka'];

/** One server of a set, as `servers.json` tells of it. */
export interface RecordedNode {
  readonly host: string;
  /** By use; `client` is the one that clients connect to. The data knows its ports, so they stay for as long as it lives. */
  readonly ports: Readonly<Record<string, number>> & { readonly client: number };
  /** The process that was launched last, or null. It may have ended. */
  readonly process: ProcessIdentity | null;
}

/** What lies in a data directory: the servers and where they listen, running or not. */
export interface ServerRecord {
  readonly kind: ServerKind;
  readonly nodes: readonly RecordedNode[];
}

/** The folder of one kind of server in a data directory. */
export function serverFolder(dataDir: string, kind: ServerKind): string {
  return join(dataDir, kind);
}

/** Undefined when no such server has been started on `dataDir`. */
export function readServerRecord(dataDir: string, kind: ServerKind): ServerRecord | undefined {
  let text: string;
  try {
    text = readFileSync(recordFile(dataDir, kind), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text) as ServerRecord;
}

/** Readers see the old text or the new one, never half of it. */
export function writeServerRecord(dataDir: string, record: ServerRecord): void {
  const file = recordFile(dataDir, record.kind);
  mkdirSync(serverFolder(dataDir, record.kind), { recursive: true });
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(next, file);
}

function recordFile(dataDir: string, kind: ServerKind): string {
  return join(serverFolder(dataDir, kind), 'servers.json');
}
