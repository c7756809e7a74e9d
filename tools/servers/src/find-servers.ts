import { startRedpandaInDocker, startScyllaInDocker } from './docker.js';
import { ServersUnavailableError } from './errors.js';
import { findCqlInEnvironment, findKafkaInEnvironment } from './find-in-environment.js';
import type { FoundCql, FoundKafka, StartedServer } from './found-servers.js';
import { silent } from './progress.js';
import type { Progress } from './progress.js';
import type { ServerKind } from './server-record.js';
import { startCassandraForOnce, startKafkaForOnce } from './start-for-once.js';

export interface FindOptions {
  /** Default `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly progress?: Progress;
}

/** A kind of server that is to be had nowhere. */
export interface MissingServer {
  readonly kind: ServerKind;
  /** One for each place that was looked at. */
  readonly reasons: readonly string[];
}

export interface FoundServers {
  readonly cassandra?: FoundCql | undefined;
  readonly kafka?: FoundKafka | undefined;
  readonly missing: readonly MissingServer[];
  /** Ends what was started here and removes its data. Servers named in the environment are left alone. */
  stop(): Promise<void>;
}

/**
 * Finds a server of each kind: one named in the environment (CHRONICLE_CASSANDRA or CHRONICLE_SCYLLA, CHRONICLE_KAFKA), else
 * an image of Docker, else local processes on a temporary folder. What was started ends with this process at the latest. A kind
 * that is nowhere to be had is told of in `missing`; with `CI=true`, {@link ServersUnavailableError} is thrown instead. Throws
 * `ServerAddressError` when a server named in the environment does not answer, `ServerStartError` when a local one fails.
 */
export async function findServers(kinds: readonly ServerKind[], options: FindOptions = {}): Promise<FoundServers> {
  const { environment = process.env, progress = silent } = options;
  const once = { javaHome: environment['JAVA_HOME'], progress };
  const search = new Search(progress);
  try {
    const cassandra = await search.first<FoundCql>('cassandra', kinds, [
      () => findCqlInEnvironment(environment),
      () => startScyllaInDocker(environment, progress),
      () => startCassandraForOnce(once),
    ]);
    const kafka = await search.first<FoundKafka>('kafka', kinds, [
      () => findKafkaInEnvironment(environment),
      () => startRedpandaInDocker(environment, progress),
      () => startKafkaForOnce(once),
    ]);
    if (environment['CI'] === 'true') requireNoneMissing(search.missing);
    return { cassandra, kafka, missing: search.missing, stop: () => search.stop() };
  } catch (error) {
    await search.stop();
    throw error;
  }
}

/** For people: which server is missing, why, and what that means. */
export function describeMissing({ kind, reasons }: MissingServer): string {
  return [`no ${kind} to be had:`, ...reasons.map((reason) => `  - ${reason}`)].join('\n');
}

/** A place where a server may be had. Undefined: nothing there to try; {@link ServersUnavailableError}: not to be had there. */
type Place<T> = () => Promise<StartedServer<T> | undefined>;

class Search {
  readonly missing: MissingServer[] = [];
  private readonly started: StartedServer<unknown>[] = [];

  constructor(private readonly progress: Progress) {}

  async first<T>(kind: ServerKind, kinds: readonly ServerKind[], places: readonly Place<T>[]): Promise<T | undefined> {
    if (!kinds.includes(kind)) return undefined;
    const reasons: string[] = [];
    for (const place of places) {
      try {
        const server = await place();
        if (!server) continue;
        this.started.push(server);
        return server.found;
      } catch (error) {
        if (!(error instanceof ServersUnavailableError)) throw error;
        this.progress(`${kind}: ${error.message}`);
        reasons.push(error.message);
      }
    }
    this.missing.push({ kind, reasons });
    return undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.started.splice(0).map((server) => server.stop()));
  }
}

function requireNoneMissing(missing: readonly MissingServer[]): void {
  if (missing.length === 0) return;
  throw new ServersUnavailableError(
    `CI=true, so nothing may be skipped, but ${missing.map(describeMissing).join('\n')}`,
  );
}
