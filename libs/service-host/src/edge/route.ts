import { applyDecorators, HttpCode } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Dto, Schema } from '../fields/field.js';
import type { ProblemCode } from '../problem.js';

/** Request headers with a meaning of ours. `X-Correlation-Id` is read on every route, `Authorization` on every one that is not public. */
export type ReadHeader = 'causation-id' | 'idempotency-key' | 'if-match' | 'if-none-match' | 'traceparent';

/** What a route needs, takes and answers: enforced by the edge and written into the OpenAPI document. */
export interface RouteSpec {
  /** One line for the OpenAPI document. */
  readonly summary: string;
  /** The caller needs one of these; none: any valid token will do. */
  readonly scopes?: readonly string[];
  /** True: no token, no rate limit, and query parameters are not judged. */
  readonly public?: true;
  /** True: left out of the OpenAPI document, because it is no part of the interface. */
  readonly hidden?: true;
  /** True: the request is a command. `X-Causation-Id` and `traceparent` are read and every answer carries `X-Causation-Id`. */
  readonly command?: true;
  /** Parameters of the path that are UUIDs: with anything else there, no route has the path (404). */
  readonly uuids?: readonly string[];
  /** Headers that are judged and handed to the controller. */
  readonly reads?: readonly ReadHeader[];
  /** Headers that must not be sent (400). */
  readonly refuses?: readonly 'if-match'[];
  /** The body, {@link NoFields} for none. A route whose method has a body must name one. An absent or empty body counts as `{}`. */
  readonly body?: Dto;
  /** The query parameters; without it there may be none. */
  readonly query?: Dto;
  /** The success. */
  readonly answer: RouteAnswer;
  /** What the controller can answer beside what the edge answers itself. */
  readonly problems?: readonly ProblemCode[];
}

export interface RouteAnswer {
  readonly status: 200 | 201;
  /** The same body can come with this status too. */
  readonly or?: 503;
  /** Headers of the answer, such as `etag`. */
  readonly headers?: readonly string[];
  /** The body, for the OpenAPI document; answers are not checked. */
  readonly schema?: Schema;
  /** Media type of the body; JSON unless said otherwise. */
  readonly type?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: RouteSpec;
  }
}

/** Declares what a controller's method needs. A route without it stops the app at start: nothing is reachable by accident. */
export function Route(spec: RouteSpec): MethodDecorator {
  return applyDecorators(RouteConfig({ route: spec }), HttpCode(spec.answer.status));
}

/** Does the route read this header? */
export function readsHeader(spec: RouteSpec, header: ReadHeader): boolean {
  const readByCommands = header === 'causation-id' || header === 'traceparent';
  return spec.reads?.includes(header) === true || (spec.command === true && readByCommands);
}
