import { parseArgs } from 'node:util';
import type { CommitLogSync } from '@chronicle/tool-servers';
import type { NamedCluster, OwnCassandra } from './cluster.js';
import { isFor, type EngineName, type Measurement } from './measurement.js';
import { FULL, QUICK, type Scale } from './scale.js';

/** What somebody asked of the bench. */
export interface BenchOptions {
  readonly help: boolean;
  readonly only: readonly string[];
  readonly scale: Scale;
  readonly engine: EngineName;
  /** Undefined on the embedded engine. */
  readonly cluster: NamedCluster | OwnCassandra | undefined;
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
const COMMIT_LOG_SYNCS: readonly CommitLogSync[] = ['periodic', 'group'];
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
    cluster: engine === 'embedded' ? withoutCluster(database) : clusterOf(database),
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
        'commitlog-sync': { type: 'string' },
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

interface Database {
  readonly 'contact-points'?: string;
  readonly 'local-data-center'?: string;
  readonly 'commitlog-sync'?: string;
}

function withoutCluster(database: Database): undefined {
  const [option] = (['contact-points', 'local-data-center', 'commitlog-sync'] as const).filter(
    (one) => database[one] !== undefined,
  );
  if (option !== undefined) throw new UsageError(`--${option}: expected with --engine cassandra`);
}

function clusterOf(database: Database): NamedCluster | OwnCassandra {
  const contactPoints = database['contact-points'];
  const datacenter = database['local-data-center'];
  const sync = database['commitlog-sync'];
  if (!contactPoints) {
    if (datacenter !== undefined) throw new UsageError('--local-data-center: expected with --contact-points host:port');
    return { commitLogSync: commitLogSyncOf(sync) };
  }
  if (sync !== undefined) throw new UsageError('--commitlog-sync: expected without --contact-points');
  return { contactPoints: contactPoints.split(','), datacenter: datacenter ?? DATACENTER };
}

function commitLogSyncOf(text: string = 'periodic'): CommitLogSync {
  const sync = COMMIT_LOG_SYNCS.find((one) => one === text);
  if (!sync) throw new UsageError(`--commitlog-sync ${text}: expected one of ${COMMIT_LOG_SYNCS.join(', ')}`);
  return sync;
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new UsageError(`--minutes ${text}: expected a number above 0 and up to ${MINUTES_MAX}`);
  }
  return minutes;
}
