import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.js';

/** What the edge has found out about a request before its controller runs. A header that the route does not read is undefined here. */
export interface RequestContext {
  readonly principal: Principal;
  /** The whole flow this belongs to: `X-Correlation-Id` in lower case, or made. */
  readonly correlationId: string;
  /** On a command: a new UUID v7 for it. Elsewhere a UUID without meaning. */
  readonly commandId: string;
  /** The direct parent: `X-Causation-Id` in lower case, else the commandId. */
  readonly causationId: string;
  /** 1–128 printable ASCII characters. */
  readonly idempotencyKey: string | undefined;
  /** The version in `If-Match`. */
  readonly ifMatch: number | undefined;
  /** `If-None-Match` as it was sent. */
  readonly ifNoneMatch: string | undefined;
  /** W3C trace context, well formed. */
  readonly traceparent: string | undefined;
  /** The JSON value of the body before anything was made of it; undefined on a route that takes none. */
  readonly sentBody?: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the edge before anything else sees the request. */
    edge: RequestContext;
    /** `Content-Type` as it was sent. */
    sentContentType: string | undefined;
  }
}

/** The {@link RequestContext} as a parameter of a controller's method. */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): RequestContext => {
  return execution.switchToHttp().getRequest<FastifyRequest>().edge;
});
