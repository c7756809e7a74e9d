import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASSANDRA_NODES_MAX } from './cassandra.js';
import { SERVER_KINDS } from './server-record.js';
import type { ServerKind } from './server-record.js';
import type { PortChoice } from './server-set.js';

/** What `npm run servers` was asked for. */
export interface ServerOptions {
  readonly action: 'start' | 'stop' | 'status' | 'help';
  readonly kinds: readonly ServerKind[];
  /** Of Cassandra; undefined: as many as the data directory has, else one. */
  readonly nodes: number | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  readonly ports: PortChoice;
}

/** The command line cannot be understood; the message says why, and how it is meant. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Where the data lies when nobody names another folder. */
export const DEFAULT_DATA_DIR = join(import.meta.dirname, '../../../.servers/data');

/** Of Kafka, above the base port, when both kinds are given one: several nodes of Cassandra lie in between. */
export const KAFKA_PORT_OFFSET = 10;

const PORT_BASE_MAX = 65_535 - KAFKA_PORT_OFFSET - 1;

export const USAGE = `npm run servers -- start|stop|status [cassandra] [kafka] [options]

Runs Apache Cassandra and Apache Kafka as processes of this machine, on loopback. Without a name, both.

  --nodes N          nodes of Cassandra that form one cluster, 1 to ${CASSANDRA_NODES_MAX} (default 1)
  --data-dir DIR     data and logs (default .servers/data)
  --port-base N      use port N and those above it (default: 9042 of Cassandra, 9092 of Kafka)
  --port-base free   use ports that nobody uses

start continues the data of an earlier run; stop keeps it. status exits with 1 unless all servers are ready.`;

/** Reads the command line. A relative `--data-dir` is one of the folder in which npm was called. {@link UsageError} when wrong. */
export function parseServerOptions(args: readonly string[], callersFolder: string): ServerOptions {
  const { values, positionals } = parse(args);
  const [action, ...names] = values.help ? ['help'] : positionals;
  if (action !== 'start' && action !== 'stop' && action !== 'status' && action !== 'help') {
    throw new UsageError(`expected start, stop or status, found ${action ?? 'nothing'}`);
  }
  return {
    action,
    kinds: names.length === 0 ? SERVER_KINDS : names.map(parseKind),
    nodes: values.nodes === undefined ? undefined : parseNumber('--nodes', values.nodes, CASSANDRA_NODES_MAX),
    dataDir: parseDataDir(values['data-dir'], callersFolder),
    ports: parsePorts(values['port-base']),
  };
}

function parseKind(name: string): ServerKind {
  const kind = SERVER_KINDS.find((known) => known === name);
  if (kind) return kind;
  throw new UsageError(`${name}: expected ${SERVER_KINDS.join(' or ')}`);
}

function parsePorts(text: string | undefined): PortChoice {
  if (text === undefined) return 'default';
  return text === 'free' ? text : parseNumber('--port-base', text, PORT_BASE_MAX);
}

function parseNumber(option: string, text: string, max: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= max) return number;
  throw new UsageError(`${option} ${text}: expected a number from 1 to ${max}`);
}

function parseDataDir(text: string | undefined, callersFolder: string): string {
  if (text === undefined) return DEFAULT_DATA_DIR;
  if (text === '') throw new UsageError('--data-dir: expected the path of a folder, found an empty text');
  return isAbsolute(text) ? text : join(callersFolder, text);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        nodes: { type: 'string' },
        'data-dir': { type: 'string' },
        'port-base': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}
