import { parseArgs } from 'node:util';
import { APPS, DEFAULT_BASE_PORT } from './apps.js';
import { dataDirOf } from './data-dir.js';
import { readEngineOptions } from './engine-options.js';
import type { EngineOptions } from './engine-options.js';
import type { Environment } from './supervised-app.js';
import { UsageError } from './usage-error.js';

/** What `npm start` was asked for. */
export interface StartOptions {
  readonly basePort: number;
  /** Absolute path. */
  readonly dataDir: string;
  /** Where the apps keep their data; `cassandra` without contact points: on one of the system's own. */
  readonly engine: EngineOptions;
  /** False: the engine is the default. */
  readonly engineIsNamed: boolean;
  readonly help: boolean;
}

const BASE_PORT_MAX = 65_535 - Math.max(...APPS.map((app) => app.portOffset));

/**
 * Reads the options of `npm start -- ...`, and what they leave out of the engine from the environment. A relative `--data-dir` is
 * one of the folder in which npm was called. Throws {@link UsageError}.
 */
export function parseStartOptions(args: readonly string[], environment: Environment, folder: string): StartOptions {
  const values = parse(args);
  const dataDir = dataDirOf(values['data-dir'], environment, environment['INIT_CWD'] ?? folder);
  return {
    basePort: parseBasePort(values['base-port']),
    dataDir,
    engine: readEngineOptions(values, environment, { dataDir, ownCassandra: true }),
    engineIsNamed: Boolean(values.engine ?? environment['ENGINE']),
    help: values.help ?? false,
  };
}

/** A port number such that the ports of all apps above it exist, or {@link UsageError}. */
export function parseBasePort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_BASE_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= BASE_PORT_MAX) return port;
  throw new UsageError(`--base-port ${text}: expected a number from 1 to ${BASE_PORT_MAX}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'base-port': { type: 'string' },
        'data-dir': { type: 'string' },
        engine: { type: 'string' },
        'contact-points': { type: 'string' },
        'local-data-center': { type: 'string' },
        keyspace: { type: 'string' },
        replication: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}
