import { resolve } from 'node:path';

/** Which engine keeps the data, and where; the configuration of every app has these fields. */
export interface EngineConfig {
  /** `scylla` and `cassandra` are refused: their adapters are not in this version. */
  readonly engine: 'embedded' | 'scylla' | 'cassandra';
  /** The folder of the embedded engine, shared by all processes of one machine. */
  readonly dataDir: string;
}

/** The configured engine is not in this build. Choose another one; trying again does not help. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly code = 'engine-unavailable';
  readonly retryable = false;
  constructor(readonly engine: string) {
    super(`engine ${JSON.stringify(engine)} is not in this version: expected "embedded"; set ENGINE=embedded`);
  }
}

/** The absolute path of the embedded engine's folder. Throws {@link EngineUnavailableError} when another engine is configured. */
export function embeddedDataDir({ engine, dataDir }: EngineConfig): string {
  if (engine !== 'embedded') throw new EngineUnavailableError(engine);
  return resolve(dataDir);
}
