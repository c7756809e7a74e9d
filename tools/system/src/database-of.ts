import { namedCluster, type Database } from './database.js';
import type { EngineOptions } from './engine-options.js';
import { OwnCassandra } from './own-cassandra.js';

/** The database that was asked for; undefined for the embedded engine, which has none. */
export function databaseOf(options: EngineOptions): Database | undefined {
  if (options.engine.engine === 'embedded') return undefined;
  return options.engine.contactPoints ? namedCluster(options) : new OwnCassandra(options.engine);
}
