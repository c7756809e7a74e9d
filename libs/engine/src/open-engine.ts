import { resolve } from 'node:path';
import { CqlEngine } from './cql-engine.js';
import { EmbeddedEngine } from './embedded-engine.js';
import type { EngineConfig, EngineSurroundings } from './engine-config.js';
import type { Engine } from './engine.js';

/**
 * Opens the configured engine for this process. Throws what `retryable` says may pass: `StoreUnavailableError` while no node of
 * the cluster answers, `NotMigratedError`. The caller closes it, last of all.
 */
export async function openEngine(config: EngineConfig, surroundings: EngineSurroundings): Promise<Engine> {
  if (config.engine === 'embedded') return new EmbeddedEngine(resolve(config.dataDir), surroundings.clock);
  return CqlEngine.open(config, surroundings);
}

/** Lends an engine for some work and closes it afterwards. Throws what {@link openEngine} and the work throw. */
export async function withEngine<T>(
  config: EngineConfig,
  surroundings: EngineSurroundings,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(config, surroundings);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Opens parts on an engine of their own, which is closed again when one of them cannot be opened. */
export async function openParts<Parts>(
  config: EngineConfig,
  surroundings: EngineSurroundings,
  open: (engine: Engine) => Promise<Parts>,
): Promise<Parts> {
  const engine = await openEngine(config, surroundings);
  try {
    return await open(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
}
