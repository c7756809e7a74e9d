import { once } from 'node:events';
import type { AppDefinition } from './apps.js';
import { ConsoleOutput, wantsColour } from './console-output.js';
import { HOST } from './ports.js';
import { UsageError, parseStartOptions } from './start-options.js';
import type { StartOptions } from './start-options.js';
import { StopSignals } from './stop-signals.js';
import type { Environment } from './supervised-app.js';
import { AppFailedError, PortsTakenError, Supervisor } from './supervisor.js';
import { DataDirInUseError } from './system-file.js';

const HELP = `Starts the six apps of the order system on this machine and keeps them running until Ctrl-C.

  npm start -- [--base-port N] [--data-dir DIR]

  --base-port N    command-service listens on N, query-service on N+1, the three projections on N+11, N+12 and N+13,
                   the publisher on N+14 (default 3000)
  --data-dir DIR   where events, read models and the topic are kept (default: data in the repository)
  --help           this text

The environment reaches every app (LOG_LEVEL, AUTH_MODE, ...), but for PORT, HOST and DATA_DIR, which are set from the
options. FAILPOINT reaches the first process of each app and not those that replace it.
An app that ends by itself starts again. Ctrl-C or SIGTERM stops everything within 30 s; a second Ctrl-C kills at once.
`;

/** Runs \`npm start\` to its end. Resolves with the exit code: 0 stopped as asked, 1 could not start, 2 misunderstood. */
export async function runStart(
  args: readonly string[],
  environment: Environment,
  apps: readonly AppDefinition[],
): Promise<number> {
  const output = new ConsoleOutput(apps, process.stdout, wantsColour(process.stdout, environment));
  try {
    const options = parseStartOptions(args, environment['INIT_CWD'] ?? process.cwd());
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return await supervise(options, environment, apps, output);
  } catch (error) {
    if (!isExplained(error)) throw error;
    process.stderr.write(`npm start: ${error.message}\n${error instanceof UsageError ? `\n${HELP}` : ''}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function supervise(
  { basePort, dataDir }: StartOptions,
  environment: Environment,
  apps: readonly AppDefinition[],
  output: ConsoleOutput,
): Promise<number> {
  let killNow = () => {};
  const stop = new StopSignals(() => {
    output.onNotice(undefined, 'asked again: killing what still runs');
    killNow();
  });
  const supervisor = await Supervisor.start({ apps, basePort, dataDir, environment, observer: output });
  killNow = () => supervisor.killNow();
  output.onNotice(undefined, `starting ${apps.length} apps on ports from ${basePort}; data in ${dataDir}`);
  try {
    await supervisor.whenReady(stop.first);
    welcome(apps, basePort, output);
    if (!stop.first.aborted) await once(stop.first, 'abort');
  } catch (error) {
    if (!stop.first.aborted) throw error;
  } finally {
    output.onNotice(undefined, `stopping${stop.first.aborted ? ` (${String(stop.first.reason)})` : ''}`);
    await supervisor.stop();
    stop.dispose();
  }
  output.onNotice(undefined, 'stopped');
  return 0;
}

function welcome(apps: readonly AppDefinition[], basePort: number, output: ConsoleOutput): void {
  const lines = [
    'everything is ready',
    ...apps.map(({ name, portOffset }) => `  ${name.padEnd(30)} http://${HOST}:${basePort + portOffset}`),
    `try it, or run \`npm run demo${basePort === 3000 ? '' : ` -- --base-port ${basePort}`}\`; http://${HOST}:${basePort}/docs shows every route:`,
    `  curl -i http://${HOST}:${basePort}/v1/orders -H 'content-type: application/json' -d '${FIRST_ORDER}'`,
  ];
  for (const line of lines) output.onNotice(undefined, line);
}

const FIRST_ORDER = JSON.stringify({
  customerId: '0197c8a1-6f00-7000-8000-000000000001',
  currency: 'EUR',
  items: [{ productId: 'book', quantity: 2, unitPrice: 1999 }],
});

/** An error whose message tells the caller all there is to know: no stack. */
function isExplained(error: unknown): error is Error {
  const kinds = [UsageError, PortsTakenError, DataDirInUseError, AppFailedError];
  return kinds.some((kind) => error instanceof kind);
}
