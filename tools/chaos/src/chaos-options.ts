import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChaosEngine } from './chaos-system.js';

/** What a soak was asked for. */
export interface ChaosOptions {
  readonly engine: ChaosEngine;
  /** Of Cassandra. */
  readonly nodes: number;
  readonly seed: number;
  /** SIGKILLs at random moments. */
  readonly kills: number;
  /** How long they are spread over. */
  readonly minutes: number;
  readonly commandsPerSecond: number;
  /** How often every failpoint is passed, each time with other passes. */
  readonly failpointRounds: number;
  /** Absolute path of the JSON report; null: none. */
  readonly report: string | null;
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

export const USAGE = `npm run chaos -- [--kills N] [--minutes M] [--seed S] [--rate R] [--failpoint-rounds F] [--report FILE]
                      [--engine embedded|cassandra] [--nodes N]

Runs the six apps and second replicas of some under load, kills, stops and ends them, and checks every invariant afterwards.

  --kills N             SIGKILLs at random moments, 0 to 100000 (default 120)
  --minutes M           spread over so many minutes, 1 to 1440 (default 15)
  --seed S              makes every choice, 0 to 4294967295 (default: another one each time; it is printed)
  --rate R              commands a second, 1 to 1000 (default 60)
  --failpoint-rounds F  how often every failpoint is passed before, 0 to 100 (default 2)
  --engine NAME         embedded (default), or cassandra: servers of the run's own, of which it kills some too
  --nodes N             of Cassandra, 1 or 3 (default 1); of three, one is lost for a while, and clients must not feel it
  --report FILE         writes the report as JSON

Exit code 0: every invariant held. 1: one was broken; seed, faults and data directory are printed. 2: not understood.`;

const LIMITS = {
  kills: { default: 120, min: 0, max: 100_000 },
  minutes: { default: 15, min: 1, max: 1440 },
  seed: { default: null, min: 0, max: 2 ** 32 - 1 },
  rate: { default: 60, min: 1, max: 1000 },
  'failpoint-rounds': { default: 2, min: 0, max: 100 },
  nodes: { default: 1, min: 1, max: 3 },
} as const;

/** Reads the options of `npm run chaos -- ...`. A relative file is one of the folder in which npm was called. */
export function parseChaosOptions(args: readonly string[], callersFolder: string, randomSeed: number): ChaosOptions {
  const values = parse(args);
  const number = (name: keyof typeof LIMITS) => wholeNumber(name, values[name]);
  return {
    engine: engineOf(values.engine),
    nodes: number('nodes')!,
    seed: number('seed') ?? randomSeed,
    kills: number('kills')!,
    minutes: number('minutes')!,
    commandsPerSecond: number('rate')!,
    failpointRounds: number('failpoint-rounds')!,
    report: values.report === undefined ? null : resolve(callersFolder, values.report),
    help: values.help ?? false,
  };
}

function engineOf(text = 'embedded'): ChaosEngine {
  if (text === 'embedded' || text === 'cassandra') return text;
  throw new UsageError(`--engine ${text}: expected embedded or cassandra`);
}

function wholeNumber(name: keyof typeof LIMITS, text: string | undefined): number | null {
  const { default: otherwise, min, max } = LIMITS[name];
  if (text === undefined) return otherwise;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} ${text}: expected a whole number from ${min} to ${max}`);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    kills: text,
    minutes: text,
    seed: text,
    rate: text,
    'failpoint-rounds': text,
    report: text,
    engine: text,
    nodes: text,
  };
  try {
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}
