import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { APPS, DEFAULT_BASE_PORT, REPOSITORY_ROOT } from './apps.js';

/** What `npm start` was asked for. */
export interface StartOptions {
  readonly basePort: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly help: boolean;
}

/** The command line cannot be understood; the message says why, and how it is meant. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const BASE_PORT_MAX = 65_535 - Math.max(...APPS.map((app) => app.portOffset));

/** Where the data lies when nobody names another folder. */
export const DEFAULT_DATA_DIR = join(REPOSITORY_ROOT, 'data');

/** Reads the options of `npm start -- ...`. A relative `--data-dir` is one of the folder in which npm was called. */
export function parseStartOptions(args: readonly string[], callersFolder: string): StartOptions {
  const values = parse(args);
  return {
    basePort: parseBasePort(values['base-port']),
    dataDir: absolute(values['data-dir'], callersFolder),
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

function absolute(dataDir: string | undefined, callersFolder: string): string {
  if (dataDir === undefined) return DEFAULT_DATA_DIR;
  if (dataDir === '') throw new UsageError('--data-dir: expected the path of a folder, found an empty text');
  return isAbsolute(dataDir) ? dataDir : join(callersFolder, dataDir);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'base-port': { type: 'string' },
        'data-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}
