import { isUuid } from '@chronicle/seams';
import FindMyWay, { type HTTPMethod } from 'find-my-way';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { pathOf } from './answer-problem.js';
import type { RouteSpec } from './route.js';

/** A route as it was registered. */
export interface RegisteredRoute {
  readonly method: string;
  /** With parameters as `:name`. */
  readonly path: string;
  readonly spec: RouteSpec;
}

/** Every route of the app: refuses those that declare nothing, and tells 404 from 405. */
export class RouteTable {
  readonly routes: RegisteredRoute[] = [];
  private readonly router = FindMyWay({ caseSensitive: true, maxParamLength: PARAMETER_LENGTH_MAX });
  private readonly methods = new Set<string>();

  /** Watches the routes that are added to `http` from now on. */
  watch(http: FastifyInstance): void {
    http.addHook('onRoute', ({ method, url, config }) => {
      if (!config?.route)
        throw new Error(`the route ${String(method)} ${url} has no @Route; expected one that says who may call it`);
      if (takesBody(method) && !config.route.body)
        throw new Error(`the route ${String(method)} ${url} has no body; expected a DTO, NoFields for none`);
      for (const each of [method].flat()) this.add(each, url, config.route);
    });
  }

  /** The problem of a request that no route takes: 405 with `Allow` when the path has other methods, else 404. */
  missing(target: string): Problem {
    const path = pathOf(target);
    const allowed = [...this.methods].filter((method) => this.has(method, path)).sort();
    if (allowed.length === 0) return new Problem('route-not-found', 'no route has this path');
    const allow = allowed.join(', ');
    return new Problem('method-not-allowed', `this path takes ${allow}`, {}, { allow });
  }

  private has(method: string, path: string): boolean {
    const found = this.router.find(method as HTTPMethod, path);
    return found !== null && !hasForeignParameter(found.params, found.store as RouteSpec);
  }

  private add(method: string, path: string, spec: RouteSpec): void {
    this.methods.add(method);
    this.router.on(method as HTTPMethod, path, () => undefined, spec);
    if (method !== 'HEAD') this.routes.push({ method, path, spec });
  }
}

/**
 * Has the path a parameter that makes it no path of the route: one that is no UUID where the route wants one, or one that is
 * empty, which the router allows (`/v1/orders//state`)?
 */
export function hasForeignParameter(params: Readonly<Record<string, string | undefined>>, spec: RouteSpec): boolean {
  for (const name in params) if (params[name] === '') return true;
  return spec.uuids?.some((name) => !isUuid(params[name])) ?? false;
}

function takesBody(method: string | string[]): boolean {
  return ['POST', 'PUT', 'PATCH'].some((each) => [method].flat().includes(each));
}

/** Longer than any header section we read, so that no part of a path is refused for its length alone. */
export const PARAMETER_LENGTH_MAX = 64 * 1024;
