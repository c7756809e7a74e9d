import { systemClock, systemEntropy } from '@chronicle/seams';
import { configOf, createApp, type App, type ServiceDefinition } from './app.js';
import type { Environment, Settings } from './config/config.js';
import { openLog } from './life/log.js';
import { WaitingRoom } from './life/waiting-room.js';

const TRY_AGAIN_MS = { first: 100, max: 5_000 };

/**
 * Puts an app together, again and again as long as the error says that it is `retryable`: its store is away, or not migrated
 * yet. Meanwhile a {@link WaitingRoom} answers on its port. Throws every other error.
 */
export async function createOnceReady<S extends Settings>(
  definition: ServiceDefinition<S>,
  env: Environment,
): Promise<App> {
  let room: WaitingRoom | undefined;
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await createApp(definition, { env });
      } catch (error) {
        if (!isRetryable(error)) throw error;
        room ??= await openRoom(definition, env);
        room.tell(error);
        await systemClock.sleep(Math.min(TRY_AGAIN_MS.max, TRY_AGAIN_MS.first * 2 ** attempt));
      }
    }
  } finally {
    await room?.close();
  }
}

function openRoom<S extends Settings>(definition: ServiceDefinition<S>, env: Environment): Promise<WaitingRoom> {
  const config = configOf(definition, env);
  const log = openLog(definition.name, config.logLevel);
  return WaitingRoom.open(config, { log, clock: systemClock, entropy: systemEntropy });
}

function isRetryable(error: unknown): error is Error {
  return error instanceof Error && (error as { readonly retryable?: unknown }).retryable === true;
}
