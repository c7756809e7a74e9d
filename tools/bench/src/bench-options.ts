import { parseArgs } from 'node:util';
import type { NamedCluster } from './cluster.js';
import { isFor, type EngineName, type Measurement } from './measurement.js';
import { FULL, QUICK, type Scale } from './scale.js';

/** What somebody asked of the bench. */
export interface BenchOptions {
  readonly help: boolean;
  readonly only: readonly string[];
  readonly scale: Scale;
  readonly engine: EngineName;
  /** Undefined: a Cassandra of the bench's own. */
  readonly cluster: NamedCluster | undefined;
  /** Where the JSON goes; undefined: a new file in the folder of results. */
  readonly json: string | undefined;
}

/** The command line was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

const MINUTES_MAX = 24 * 60;
const ENGINES: readonly EngineName[] = ['embedded', 'cassandra'];
/** As Cassandra calls its only one. */
const DATACENTER = 'datacenter1';

/** Throws {@link UsageError}. `measurements` are those that there are. */
export function parseBenchOptions(
  args: readonly string[],
  measurements: readonly Pick<Measurement, 'name' | 'engines'>[],
): BenchOptions {
  const { help = false, only = [], quick, json, minutes, ...database } = parse(args);
  const engine = engineOf(database.engine);
  const names = measurements.filter((one) => isFor(engine, one)).map(({ name }) => name);
  const chosen = only.flatMap((text) => text.split(','));
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--only ${unknown}: expected one of ${names.join(', ')}, which the engine ${engine} has`);
  }
  const scale = quick === true ? QUICK : FULL;
  return {
    help,
    only: chosen.length > 0 ? chosen : names,
    scale: minutes === undefined ? scale : { ...scale, memorySeconds: 60 * minutesOf(minutes) },
    engine,
    cluster: clusterOf(engine, database['contact-points'], database['local-data-center']),
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
        engine: { type: 'string' },
        'contact-points': { type: 'string' },
        'local-data-center': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function engineOf(text: string = 'embedded'): EngineName {
  const engine = ENGINES.find((name) => name === text);
  if (!engine) throw new UsageError(`--engine ${text}: expected one of ${ENGINES.join(', ')}`);
  return engine;
}

function clusterOf(
  engine: EngineName,
  contactPoints: string | undefined,
  datacenter: string | undefined,
): NamedCluster | undefined {
  if (contactPoints === undefined && datacenter === undefined) return undefined;
  if (engine === 'embedded') throw new UsageError('--contact-points: expected with --engine cassandra');
  if (!contactPoints) throw new UsageError('--local-data-center: expected with --contact-points host:port');
  return { contactPoints: contactPoints.split(','), datacenter: datacenter ?? DATACENTER };
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new UsageError(`--minutes ${text}: expected a number above 0 and up to ${MINUTES_MAX}`);
  }
  return minutes;
}
