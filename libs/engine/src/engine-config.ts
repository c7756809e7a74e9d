import { resolve } from 'node:path';

/** Which engine keeps the data, and where; the configuration of every app has these fields. */
export interface EngineConfig {
  /** `scylla` and `cassandra` are refused: their adapters are not in this version. */
  readonly engine: 'embedded' | 'scylla' | 'cassandra';
  /** The folder of the embedded engine, shared by all processes of one machine. */
  readonly dataDir: string;
}

/** The absolute path of the embedded engine's folder. Throws when another engine is configured. */
export function embeddedDataDir({ engine, dataDir }: EngineConfig): string {
  if (engine !== 'embedded') throw new Error(`engine ${engine}: expected embedded, the only one in this version`);
  return resolve(dataDir);
}
