import { uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { ANYBODY, type Principal } from '../auth/principal.js';
import type { TokenVerifier } from '../auth/token-verifier.js';
import { Problem } from '../problem.js';
import type { ProblemAnswers } from './answer-problem.js';
import { judgeHeaders, readHeaders } from './headers.js';
import { BODY_BYTES_MAX, parseBody } from './json-body.js';
import type { RateLimit } from './rate-limit.js';
import { hasForeignParameter, type RouteTable } from './route-table.js';
import type { RouteSpec } from './route.js';
import { validateFields } from './validate.js';

export interface EdgeParts {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly table: RouteTable;
  readonly answers: ProblemAnswers;
  /** Null with `AUTH_MODE=off`: whoever calls may do everything. */
  readonly tokens: TokenVerifier | null;
  readonly rate: RateLimit;
}

/**
 * Checks every request in the order of the HTTP contract, before Nest sees it: route and method, authentication, scope, rate,
 * headers, body size and type, JSON, fields. What comes after that is the controller's. Fastify's life cycle carries the
 * order: `onRequest` runs before a body is read, the content type parser reads it, `preValidation` follows.
 */
export function guardEdge(http: FastifyInstance, parts: EdgeParts): void {
  http.decorateRequest('edge');
  http.decorateRequest('sentContentType');
  http.addHook('onRequest', (request, reply, done) => checkBeforeBody(request, reply, done, parts));
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX }, (request, bytes: Buffer, done) => {
    done(null, parseBody(bytes, request.sentContentType, request.headers['content-encoding']));
  });
  http.addHook('preValidation', (request, _reply, done) => {
    validateFields(request, request.routeOptions.config.route!);
    done();
  });
}

/** Gives the request its context, and the answer the headers that every answer carries. */
export function openRequest(request: FastifyRequest, reply: FastifyReply, clock: Clock, entropy: Entropy): void {
  const route = request.routeOptions?.config?.route;
  const commandId = uuidV7(clock, entropy);
  const sent = readHeaders(request.raw, route);
  request.edge = {
    ...sent,
    principal: ANYBODY,
    commandId,
    correlationId: sent.correlationId ?? uuidV7(clock, entropy),
    causationId: sent.causationId ?? commandId,
  };
  reply.header('x-correlation-id', request.edge.correlationId);
  if (route?.command) reply.header('x-causation-id', request.edge.causationId);
  reply.header('cache-control', 'no-store');
  reply.header('x-content-type-options', 'nosniff');
}

function checkBeforeBody(
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
  parts: EdgeParts,
): void {
  openRequest(request, reply, parts.clock, parts.entropy);
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
    throw new Problem('malformed-request', 'the header Host is missing; HTTP/1.1 requires it');
  }
  const route = request.routeOptions.config.route;
  if (request.is404 || route === undefined || hasForeignParameter(request.params as Record<string, string>, route)) {
    throw parts.table.missing(request.raw.url ?? '/');
  }
  hideContentType(request);
  if (route.public || parts.tokens === null) {
    if (!route.public) refuseForeignPages(request);
    judgeHeaders(request.raw, route);
    return done();
  }
  parts.tokens
    .verify(request.headers.authorization)
    .then((principal) => admit(principal, request, route, parts.rate))
    .then(() => done(), done);
}

function admit(principal: Principal, request: FastifyRequest, route: RouteSpec, rate: RateLimit): void {
  request.edge = { ...request.edge, principal };
  const scopes = route.scopes ?? [];
  if (!principal.may(...scopes)) {
    const challenge = `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`;
    throw new Problem(
      'forbidden',
      `the token has none of the scopes ${scopes.join(', ')}`,
      {},
      { 'www-authenticate': challenge },
    );
  }
  rate.take(principal);
  judgeHeaders(request.raw, route);
}

/** Fastify would judge `Content-Type` before it knows whether there is a body at all; here an empty body has no type. */
function hideContentType(request: FastifyRequest): void {
  const { headers } = request.raw;
  if (headers['content-type'] === undefined) return;
  request.sentContentType = headers['content-type'];
  headers['content-type'] = undefined;
}

/**
 * Without authentication the loopback address is the only fence, and a browser is inside it: a page of another site could
 * send commands that need no body. Browsers say where a request comes from, and no page can change that.
 */
function refuseForeignPages(request: FastifyRequest): void {
  const origin = request.headers['sec-fetch-site'];
  const isForeign = origin === 'cross-site' || origin === 'same-site';
  if (isForeign && request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Problem('forbidden', 'a page of another site may send nothing here while AUTH_MODE is off');
  }
}
