import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULT_DATA_DIR, readRunningSystem } from '@chronicle/tool-system';
import { CouldNotError, UsageError } from './command.js';

/** The engines that the CLI can open. */
export const ENGINES = ['embedded'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Where a system keeps its data. */
export interface SystemLocation {
  readonly engine: EngineName;
  /** Absolute path. */
  readonly dataDir: string;
}

export interface LocationOptions {
  readonly dataDir: string | undefined;
  readonly engine: string | undefined;
  /** A relative `--data-dir` is one of this folder. */
  readonly callersFolder: string;
}

/**
 * The data directory, and the engine: the one that is named, else that of the system running there, else `embedded`. Looks
 * before anything is opened, because opening would make files: throws {@link CouldNotError} when nothing is stored there.
 */
export function locateSystem({ dataDir, engine, callersFolder }: LocationOptions): SystemLocation {
  if (dataDir === '') throw new UsageError('--data-dir: expected the path of a folder, found an empty text');
  const path = dataDir === undefined ? DEFAULT_DATA_DIR : resolve(callersFolder, dataDir);
  const name = engine ?? readRunningSystem(path)?.engine ?? 'embedded';
  const known = ENGINES.find((candidate) => candidate === name);
  if (!known) throw new UsageError(`--engine ${name}: expected one of ${ENGINES.join(', ')}`);
  assertStored(path);
  return { engine: known, dataDir: path };
}

function assertStored(dataDir: string): void {
  const start = 'start a system there first (npm start), or name another folder with --data-dir';
  if (!existsSync(dataDir)) throw new CouldNotError(`data directory ${dataDir} does not exist: ${start}`);
  if (!statSync(dataDir).isDirectory()) throw new CouldNotError(`data directory ${dataDir} is not a folder`);
  if (!existsSync(join(dataDir, 'events.db'))) {
    throw new CouldNotError(`data directory ${dataDir} holds no event store (events.db): ${start}`);
  }
}
