import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { armFailpoints, systemClock, systemEntropy, type Clock, type Entropy } from '@chronicle/seams';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream } from 'pino';
import type { Registry } from 'prom-client';
import { KeySet, keyFile, keyUrl } from './auth/key-set.js';
import { TokenVerifier } from './auth/token-verifier.js';
import {
  authModeOf,
  commonRules,
  commonSettings,
  type CommonConfig,
  type CommonSettings,
} from './config/common-settings.js';
import {
  ConfigError,
  readConfig,
  type ConfigOf,
  type ConfigRule,
  type Environment,
  type Settings,
} from './config/config.js';
import { openApiDocument } from './docs/openapi.js';
import { serveDocs } from './docs/docs-page.js';
import { ProblemAnswers, ProblemFilter } from './edge/answer-problem.js';
import type { EdgeParts } from './edge/edge.js';
import { EdgeAdapter } from './edge/http.js';
import { RateLimit } from './edge/rate-limit.js';
import { RouteTable } from './edge/route-table.js';
import { Drain, type DrainOutcome } from './life/drain.js';
import { drainHttp } from './life/drain-http.js';
import { logRequests, NestLog, openLog, type Log } from './life/log.js';
import { countRequests, openMetrics } from './life/metrics.js';
import { serveOperations } from './life/operations.js';
import { Readiness } from './life/readiness.js';

/** The configuration of an app: the common settings and those of its own. */
export type AppConfig<S extends Settings> = ConfigOf<S> & CommonConfig;

/** What an app gets to build itself from. */
export interface Host<C extends CommonConfig = CommonConfig> {
  readonly config: C;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Where the app registers metrics of its own. */
  readonly metrics: Registry;
  /** Where the app names the parts it cannot work without. */
  readonly readiness: Readiness;
  /** What the app does before the process ends, in this order; HTTP requests have ended by then. */
  readonly drain: Drain;
}

/** An app: its name, its own settings, and how it is put together. */
export interface ServiceDefinition<S extends Settings> {
  /** Stands in every log line and metric. */
  readonly name: string;
  readonly defaultPort: number;
  /** Settings of the app's own, beside those every app has. */
  readonly settings?: S;
  /** Rules between settings. */
  readonly rules?: readonly ConfigRule<AppConfig<S>>[];
  /** Opens what the app needs and answers its Nest module. What it opened is closed by a step of the drain. */
  compose(host: Host<AppConfig<S>>): Promise<DynamicModule | Type> | DynamicModule | Type;
}

/** What stands in for the machine in a spec. */
export interface AppSeams {
  /** Stands in for the environment of the process; empty when left out. */
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly entropy?: Entropy;
  /** Takes the log lines instead of standard output. */
  readonly logTo?: DestinationStream;
}

/** An app that is put together but does not listen yet. */
export interface App<C extends CommonConfig = CommonConfig> {
  readonly host: Host<C>;
  /** To listen, and for `inject` in a spec. */
  readonly http: FastifyInstance;
  /** Ends the requests under way, runs the steps of the drain and closes the Nest module, within `DRAIN_TIMEOUT_MS`. */
  close(): Promise<DrainOutcome>;
}

/**
 * Puts an app together. Throws {@link ConfigError} when its configuration cannot be used. When `compose` fails, the steps of
 * the drain that it had already added run before its error is passed on.
 */
export async function createApp<S extends Settings = Record<never, never>>(
  definition: ServiceDefinition<S>,
  { env = {}, clock = systemClock, entropy = systemEntropy, logTo }: AppSeams = {},
): Promise<App<AppConfig<S>>> {
  const config = configOf(definition, env);
  armFailpointsOf(config);
  const log = openLog(definition.name, config.logLevel, logTo);
  const drain = new Drain(clock, log);
  const host = {
    config,
    clock,
    entropy,
    log,
    drain,
    metrics: openMetrics(definition.name),
    readiness: new Readiness(clock, log),
  };
  const close = () => drain.start(config.drainTimeoutMs);
  try {
    return { host, http: await assemble(definition, host), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The checked configuration of an app. Throws {@link ConfigError}. */
export function configOf<S extends Settings>(definition: ServiceDefinition<S>, env: Environment): AppConfig<S> {
  const own = { ...definition.settings } as S;
  const settings: S & CommonSettings = { ...own, ...commonSettings(definition.defaultPort) };
  const rules = [...commonRules, ...(definition.rules ?? [])] as readonly ConfigRule<ConfigOf<S & CommonSettings>>[];
  return readConfig(settings, rules, env) as AppConfig<S>;
}

function armFailpointsOf({ failpoint }: CommonConfig): void {
  try {
    if (failpoint !== null) armFailpoints(failpoint);
  } catch (error) {
    throw new ConfigError([
      { name: 'FAILPOINT', found: JSON.stringify(failpoint), expected: (error as Error).message },
    ]);
  }
}

async function assemble<S extends Settings>(
  definition: ServiceDefinition<S>,
  host: Host<AppConfig<S>>,
): Promise<FastifyInstance> {
  const parts = await openEdge(host);
  const adapter = new EdgeAdapter(parts);
  const http = adapter.getInstance<FastifyInstance>();
  drainHttp(http, host.drain, host.clock);
  countRequests(http, host.metrics);
  logRequests(http, host.log);
  serveOperations(http, host.readiness, host.drain, host.metrics);
  serveDocs(http, definition.name, () => openApiDocument(definition.name, parts.table.routes));
  const module = await definition.compose(host);
  const options = { bodyParser: false, abortOnError: false, logger: new NestLog(host.log) };
  const nest = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  host.drain.step('modules', () => nest.close());
  nest.useGlobalFilters(new ProblemFilter(parts.answers));
  await nest.init();
  await http.ready();
  return http;
}

async function openEdge(host: Host): Promise<EdgeParts> {
  const { config, clock, entropy, log } = host;
  const tokens = authModeOf(config) === 'off' ? null : await openTokens(host);
  const rate = new RateLimit(config.rateLimitPerSecond, clock);
  return { clock, entropy, table: new RouteTable(), answers: new ProblemAnswers(log), tokens, rate };
}

async function openTokens({ config, clock, log, readiness }: Host): Promise<TokenVerifier> {
  const { authJwksFile: file, authJwksUrl: url } = config;
  const keys = new KeySet(file === null ? keyUrl(url!) : keyFile(file), clock, log);
  await keys.refresh();
  if (file !== null && keys.trouble() !== null) {
    throw new ConfigError([
      {
        name: 'AUTH_JWKS_FILE',
        found: JSON.stringify(file),
        expected: 'a file that can be read and holds a JSON Web Key Set',
      },
    ]);
  }
  readiness.add('token-keys', () => ({ up: keys.trouble() === null, detail: keys.trouble() }));
  const rules = { issuer: config.authIssuer!, audience: config.authAudience!, customerClaim: config.authCustomerClaim };
  return new TokenVerifier(keys, rules, clock);
}
