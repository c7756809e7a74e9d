import { join, resolve } from 'node:path';

/** One process of a system. */
export interface AppDefinition {
  /** Unique in its system: the prefix of its log lines and its name in `system.json`. */
  readonly name: string;
  /** It listens on the system's base port plus this. */
  readonly portOffset: number;
  /** Absolute path of the module that Node runs. */
  readonly entry: string;
  /** On top of the environment of the system, for this app alone. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The root of the repository, whether this file runs from `src` or from `dist`. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/** The six apps, in the order in which they are shown and stopped. */
export const APPS = [
  app('command-service', 0),
  app('query-service', 1),
  app('order-read-model-projection', 11),
  app('orders-by-customer-projection', 12),
  app('orders-by-status-projection', 13),
  app('publisher', 14),
] as const satisfies readonly AppDefinition[];

/** The apps that are consumer groups and have an admin API. */
export const WORKERS = [
  'order-read-model-projection',
  'orders-by-customer-projection',
  'orders-by-status-projection',
  'publisher',
] as const;

/** The base port when nobody names another: the default ports of the HTTP contract. */
export const DEFAULT_BASE_PORT = 3000;

function app<Name extends string>(name: Name, portOffset: number): AppDefinition & { readonly name: Name } {
  return { name, portOffset, entry: join(REPOSITORY_ROOT, 'apps', name, 'dist/main.js') };
}
