import { join, resolve } from 'node:path';
import { REPOSITORY_ROOT } from './apps.js';
import type { Environment } from './supervised-app.js';
import { UsageError } from './usage-error.js';

/** Where the data lies when nobody names another folder. */
export const DEFAULT_DATA_DIR = join(REPOSITORY_ROOT, 'data');

/**
 * The folder that `--data-dir` names, else `DATA_DIR`, else {@link DEFAULT_DATA_DIR}: absolute. A relative one is of the folder in
 * which npm was called. Throws {@link UsageError}.
 */
export function dataDirOf(option: string | undefined, { DATA_DIR }: Environment, callersFolder: string): string {
  if (option === '') throw new UsageError('--data-dir: expected the path of a folder, found an empty text');
  return resolve(callersFolder, option ?? (DATA_DIR || DEFAULT_DATA_DIR));
}
