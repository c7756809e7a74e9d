import { startCassandra } from './cassandra.js';
import { ServerAddressError, ServerSetMismatchError, ServersUnavailableError, ServerStartError } from './errors.js';
import { environmentOf } from './found-servers.js';
import type { FoundCql, FoundKafka } from './found-servers.js';
import { startKafka } from './kafka.js';
import { stopwatch } from './progress.js';
import type { Progress } from './progress.js';
import { KAFKA_PORT_OFFSET, parseServerOptions, USAGE, UsageError } from './server-options.js';
import type { ServerOptions } from './server-options.js';
import { readServerRecord } from './server-record.js';
import { statusOf, stopServers } from './server-status.js';

const STOP_GRACE_MS = 30_000;

/** Where a command says what it found (`out`) and what it does meanwhile (`progress`), line by line. */
export interface Voice {
  readonly out: Progress;
  readonly progress: Progress;
}

/** Runs one command to its end and returns the exit code: 0 well, 1 not well, 2 not understood. */
export async function runServers(args: readonly string[], callersFolder: string, voice: Voice): Promise<number> {
  try {
    const options = parseServerOptions(args, callersFolder);
    switch (options.action) {
      case 'start':
        return await start(options, voice);
      case 'stop':
        return await stop(options, voice);
      case 'status':
        return await status(options, voice);
      case 'help':
        voice.out(USAGE);
        return 0;
    }
  } catch (error) {
    if (!isForPeople(error)) throw error;
    voice.progress(error.message);
    if (error instanceof UsageError) voice.progress(`\n${USAGE}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function start(options: ServerOptions, voice: Voice): Promise<number> {
  const { kinds, dataDir, ports } = options;
  const progress = stopwatch(voice.progress);
  const common = { dataDir, outlive: true, progress };
  let cassandra: FoundCql | undefined;
  let kafka: FoundKafka | undefined;
  if (kinds.includes('cassandra')) {
    const nodes = options.nodes ?? readServerRecord(dataDir, 'cassandra')?.nodes.length ?? 1;
    const { contactPoints, localDataCenter } = await startCassandra({ ...common, nodes, ports });
    cassandra = { engine: 'cassandra', contactPoints, localDataCenter, source: 'processes' };
  }
  if (kinds.includes('kafka')) {
    const { brokers } = await startKafka({
      ...common,
      ports: typeof ports === 'number' ? ports + KAFKA_PORT_OFFSET : ports,
    });
    kafka = { brokers, source: 'processes' };
  }
  const variables = environmentOf({ ...(cassandra && { cassandra }), ...(kafka && { kafka }) });
  for (const [name, value] of Object.entries(variables)) voice.out(`export ${name}=${value}`);
  return 0;
}

async function stop({ kinds, dataDir }: ServerOptions, voice: Voice): Promise<number> {
  const progress = stopwatch(voice.progress);
  for (const kind of kinds) {
    const stopped = await stopServers(dataDir, kind, STOP_GRACE_MS);
    progress(`${kind}: ${stopped.length === 0 ? 'none was running' : `stopped ${stopped.join(', ')}`}`);
  }
  return 0;
}

async function status({ kinds, dataDir }: ServerOptions, voice: Voice): Promise<number> {
  const nodes = (await Promise.all(kinds.map((kind) => statusOf(dataDir, kind)))).flat();
  for (const { kind, address, state, pid, folder } of nodes) {
    voice.out([kind.padEnd(9), address.padEnd(15), state.padEnd(7), `${pid ?? '-'}`.padStart(7), folder].join('  '));
  }
  if (nodes.length === 0) voice.progress(`no servers of ${kinds.join(' or ')} were ever started on ${dataDir}`);
  return nodes.length > 0 && nodes.every((node) => node.state === 'ready') ? 0 : 1;
}

function isForPeople(error: unknown): error is Error {
  return [UsageError, ServersUnavailableError, ServerStartError, ServerAddressError, ServerSetMismatchError].some(
    (type) => error instanceof type,
  );
}
