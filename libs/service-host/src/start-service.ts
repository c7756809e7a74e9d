import type { App, ServiceDefinition } from './app.js';
import { CONFIG_EXIT_CODE, ConfigError, type Settings } from './config/config.js';
import { createOnceReady } from './create-once-ready.js';

/**
 * Runs an app as this process: reads the environment, listens, and ends in order. SIGTERM, SIGINT, SIGHUP and the end of the
 * parent's IPC channel start the drain; a signal a second later or more ends the process at once. Exit codes: 0 after a drain that finished, 1 after
 * one that did not and after an error nobody handled, {@link CONFIG_EXIT_CODE} when the configuration cannot be used, 128 + n
 * for that later signal n. An app whose store cannot be used yet (an error that says `retryable`) is put together again and
 * again, and says on its port meanwhile that it is not ready, and why. Returns once the app listens, or is about to exit.
 */
export async function startService<S extends Settings = Record<never, never>>(
  definition: ServiceDefinition<S>,
): Promise<void> {
  try {
    const app = await createOnceReady(definition, process.env);
    endInOrder(app);
    await listen(app);
    if (process.connected === false) process.emit('disconnect'); // it went while nobody listened for that yet
  } catch (error) {
    const isConfig = error instanceof ConfigError;
    process.stderr.write(`${definition.name} did not start: ${isConfig ? error.message : describe(error)}\n`);
    process.exit(isConfig ? CONFIG_EXIT_CODE : 1);
  }
}

async function listen({ http, host: { config, log }, close }: App): Promise<void> {
  try {
    const address = await http.listen({ host: config.host, port: config.port });
    log.info({ address }, 'listening');
  } catch (error) {
    await close();
    throw error;
  }
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Ctrl-C reaches a process from the terminal and again from its supervisor: within this time that is one request. */
const SAME_REQUEST_MS = 1_000;

function endInOrder({ host, close }: App): void {
  const { log, drain, clock } = host;
  let askedAt = 0;
  const end = (cause: string) => {
    askedAt = clock.monotonic();
    log.info({ cause }, 'draining');
    void close().then(({ outcome }) => {
      log.info({ outcome }, 'ended');
      process.exit(outcome === 'finished' ? 0 : 1);
    });
  };
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (!drain.isDraining) end(signal);
      else if (clock.monotonic() - askedAt >= SAME_REQUEST_MS) process.exit(128 + number);
    });
  }
  // A parent that started us with an IPC channel wants us to go when it goes.
  process.once('disconnect', () => drain.isDraining || end('disconnect'));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'an error was handled by nobody; the process cannot be trusted any more');
      process.exit(1);
    });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
