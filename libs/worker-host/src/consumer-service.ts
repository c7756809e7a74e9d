import { ConsumerWorker, type ConsumerWorkerOptions, type PartHealth } from '@chronicle/change-feed-core';
import { uuidV7 } from '@chronicle/seams';
import {
  startService,
  type AppConfig,
  type Host,
  type ServiceDefinition,
  type Settings,
} from '@chronicle/service-host';
import type { DynamicModule } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { countFeed, type FeedObserver } from './feed-metrics.js';
import { logWork, observers } from './worker-log.js';
import { countWork, measureWorker } from './worker-metrics.js';

/** What a consumer group's app opens: the ports of its worker, and how they are closed again. */
export interface ConsumerParts<Effect> extends Pick<
  ConsumerWorkerOptions<Effect>,
  'feed' | 'store' | 'history' | 'coordination' | 'handler' | 'settings'
> {
  /** Closes what was opened; the worker has ended by then. */
  close(): Promise<void>;
}

/** What an app opens its parts with. */
export type ConsumerHost<S extends Settings> = Host<AppConfig<S>> & {
  /** To be told what the feed meets. */
  readonly feedObserver: FeedObserver;
};

/** The app of one consumer group. */
export interface ConsumerService<S extends Settings, Effect> extends Omit<ServiceDefinition<S>, 'compose'> {
  /** Default: the app's name. */
  readonly group?: string;
  /** Opens the parts, from the checked configuration. What it throws keeps the app from starting. */
  open(host: ConsumerHost<S>): Promise<ConsumerParts<Effect>>;
}

/**
 * Runs the app of a consumer group as this process: its worker, the admin API, health and metrics. On SIGTERM it turns
 * unready, finishes and saves the batch in hand, gives its buckets back and exits with 0.
 */
export function startConsumerService<S extends Settings = Record<never, never>, Effect = never>(
  service: ConsumerService<S, Effect>,
): Promise<void> {
  return startService(consumerService(service));
}

/** The same as a definition, for `createApp` in a spec. */
export function consumerService<S extends Settings = Record<never, never>, Effect = never>(
  service: ConsumerService<S, Effect>,
): ServiceDefinition<S> {
  const { group = service.name, open, ...definition } = service;
  return { ...definition, compose: (host) => compose(host, group, open) };
}

async function compose<S extends Settings, Effect>(
  host: Host<AppConfig<S>>,
  group: string,
  open: (host: ConsumerHost<S>) => Promise<ConsumerParts<Effect>>,
): Promise<DynamicModule> {
  const { clock, entropy, log, metrics, drain } = host;
  const { close, ...parts } = await open({ ...host, feedObserver: countFeed(metrics) });
  const observer = observers(logWork(log), countWork(metrics));
  const worker = new ConsumerWorker({ group, instanceId: uuidV7(clock, entropy), clock, entropy, observer, ...parts });
  drain.step('worker', () => worker.stop());
  drain.step('parts', close);
  measureWorker(metrics, worker, clock);
  for (const { part } of worker.health()) host.readiness.add(part, () => probe(worker.health(), part));
  await worker.start();
  return {
    module: ConsumerModule,
    controllers: [AdminController],
    providers: [{ provide: ConsumerWorker, useValue: worker }],
  };
}

class ConsumerModule {}

/** Why a part is down is in the log: health is read by anybody. */
function probe(health: readonly PartHealth[], part: string): { readonly up: boolean; readonly detail: string | null } {
  const up = health.find((one) => one.part === part)!.up;
  return { up, detail: up ? null : 'cannot be used; the log says why' };
}
