import { once } from 'node:events';
import type { AppDefinition } from './apps.js';
import { ConsoleOutput, wantsColour } from './console-output.js';
import { databaseOf } from './database-of.js';
import { DatabaseError } from './database.js';
import { isOfOwnCassandra } from './own-cassandra.js';
import { HOST } from './ports.js';
import { parseStartOptions } from './start-options.js';
import type { StartOptions } from './start-options.js';
import { StopSignals } from './stop-signals.js';
import type { Environment } from './supervised-app.js';
import { Supervisor } from './supervisor.js';
import { UsageError } from './usage-error.js';

const HELP = `Starts the six apps of the order system on this machine and keeps them running until Ctrl-C.

  npm start -- [--base-port N] [--data-dir DIR] [--engine NAME [--contact-points HOST:PORT,...]]

  --base-port N    command-service listens on N, query-service on N+1, the three projections on N+11, N+12 and N+13,
                   the publisher on N+14 (default 3000)
  --data-dir DIR   where events, read models and the topic are kept (default: DATA_DIR, else data in the repository)
  --engine NAME    embedded (default): files in the data directory
                   cassandra: an Apache Cassandra of the system's own, started here with its data in the data directory
                   (needs Java 17, and Maven the first time), or the one at --contact-points
                   scylla: the ScyllaDB at --contact-points
  --contact-points HOST:PORT[,HOST:PORT...]   nodes of a cluster that runs already; its keyspace and tables are made
  --local-data-center NAME                    the datacentre that writes (default: that of the first contact point)
  --keyspace NAME                             default chronicle
  --replication DATACENTER:N[,...]            needed when the keyspace is to be made, such as dc1:3
  --help           this text

The environment reaches every app (LOG_LEVEL, AUTH_MODE, CQL_USERNAME and CQL_PASSWORD, ...), but for PORT, HOST and what the
options say. FAILPOINT reaches the first process of each app and not those that replace it.
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
    const options = parseStartOptions(args, environment, process.cwd());
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    requireItsEngine(options);
    return await supervise(options, environment, apps, output);
  } catch (error) {
    if (!isExplained(error)) throw error;
    process.stderr.write(`npm start: ${error.message}\n${error instanceof UsageError ? `\n${HELP}` : ''}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Whoever started a system on Cassandra and leaves the option out next time would find a system without data. */
function requireItsEngine({ dataDir, engineIsNamed }: StartOptions): void {
  if (engineIsNamed || !isOfOwnCassandra(dataDir)) return;
  throw new DatabaseError(
    `the data in ${dataDir} is that of a system on Cassandra: go on with --engine cassandra, ` +
      'or begin an empty system on files beside it with --engine embedded',
  );
}

async function supervise(
  { basePort, dataDir, engine }: StartOptions,
  environment: Environment,
  apps: readonly AppDefinition[],
  output: ConsoleOutput,
): Promise<number> {
  let killNow = () => {};
  const stop = new StopSignals(() => {
    output.onNotice(undefined, 'asked again: killing what still runs');
    killNow();
  });
  const { first: signal } = stop;
  const options = { apps, basePort, dataDir, environment, observer: output, database: databaseOf(engine), signal };
  let supervisor: Supervisor;
  try {
    supervisor = await Supervisor.start(options);
  } catch (error) {
    if (!signal.aborted) throw error;
    output.onNotice(undefined, `stopped before the apps were started (${String(signal.reason)})`);
    return 0;
  }
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

/** An error of ours, whose message tells the caller all there is to know: no stack. */
function isExplained(error: unknown): error is Error {
  return error instanceof Error && /^[a-z][a-z-]+$/.test(String((error as { readonly code?: unknown }).code));
}
