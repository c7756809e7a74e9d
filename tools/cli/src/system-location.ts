import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineConfig } from '@chronicle/engine';
import {
  dataDirOf,
  environmentOf,
  isOfOwnCassandra,
  readEngineOptions,
  readRunningSystem,
  withDatacenter,
  type EngineFlags,
  type EngineOptions,
  type Environment,
} from '@chronicle/tool-system';
import { CouldNotError } from './command.js';

/** Where a system keeps its data. */
export type SystemLocation = EngineConfig;

export interface LocationOptions {
  readonly dataDir: string | undefined;
  readonly flags: EngineFlags;
  readonly environment: Environment;
  /** A relative `--data-dir` is one of this folder. */
  readonly callersFolder: string;
}

/**
 * Where the data lives: as the options say; what they leave out, as the system says that runs on the data directory, unless it
 * is another engine; else as the environment says. The datacentre of a cluster is asked for when nobody names it.
 */
export async function locateSystem(options: LocationOptions): Promise<EngineOptions> {
  const { flags, environment, callersFolder } = options;
  const dataDir = dataDirOf(options.dataDir, environment, callersFolder);
  const running = readRunningSystem(dataDir);
  const isMeant = running && (flags.engine ?? running.engine) === running.engine;
  const known = isMeant ? { ...environment, ...environmentOf(running) } : environment;
  const { engine, replication } = readEngineOptions(flags, known, { dataDir });
  return { engine: await withDatacenter(engine), replication };
}

/** Looks before anything is opened, because opening would make files. Throws {@link CouldNotError} when nothing is stored there. */
export function requireStored({ engine, dataDir }: SystemLocation): void {
  if (engine !== 'embedded') return;
  const start = 'start a system there first (npm start), or name another folder with --data-dir';
  if (!existsSync(dataDir)) throw new CouldNotError(`data directory ${dataDir} does not exist: ${start}`);
  if (!statSync(dataDir).isDirectory()) throw new CouldNotError(`data directory ${dataDir} is not a folder`);
  if (isOfOwnCassandra(dataDir)) {
    throw new CouldNotError(
      `data directory ${dataDir} holds a Cassandra that does not run: npm start -- --engine cassandra starts it`,
    );
  }
  if (!existsSync(join(dataDir, 'events.db'))) {
    throw new CouldNotError(`data directory ${dataDir} holds no event store (events.db): ${start}`);
  }
}
