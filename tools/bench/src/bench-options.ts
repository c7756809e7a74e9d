import { parseArgs } from 'node:util';
import { FULL, QUICK, type Scale } from './scale.js';

/** What somebody asked of the bench. */
export interface BenchOptions {
  readonly help: boolean;
  readonly only: readonly string[];
  readonly scale: Scale;
  /** Where the JSON goes; undefined: a new file in the folder of results. */
  readonly json: string | undefined;
}

/** The command line was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

const MINUTES_MAX = 24 * 60;

/** Throws {@link UsageError}. `names` are the measurements that there are. */
export function parseBenchOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const { help = false, only = [], quick, json, minutes } = parse(args);
  const chosen = only.flatMap((text) => text.split(','));
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only ${unknown}: expected one of ${names.join(', ')}`);
  const scale = quick === true ? QUICK : FULL;
  return {
    help,
    only: chosen.length > 0 ? chosen : names,
    scale: minutes === undefined ? scale : { ...scale, memorySeconds: 60 * minutesOf(minutes) },
    json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        minutes: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new UsageError(`--minutes ${text}: expected a number above 0 and up to ${MINUTES_MAX}`);
  }
  return minutes;
}
