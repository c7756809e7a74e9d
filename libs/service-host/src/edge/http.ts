import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { guardEdge, openRequest, type EdgeParts } from './edge.js';
import { rawErrorAnswers } from './raw-errors.js';
import { PARAMETER_LENGTH_MAX } from './route-table.js';

/** Request line and header fields together are at most this long. */
const HEADER_BYTES_MAX = 16 * 1024;
/** A request must have arrived after this time. */
const REQUEST_TIMEOUT_MS = 30_000;
/** An idle connection is kept this long: longer than load balancers keep theirs, so that they, not we, close it. */
const KEEP_ALIVE_MS = 75_000;

/** Nest's Fastify adapter with our edge around it. Nest's own handlers for errors and unknown routes are not used. */
export class EdgeAdapter extends FastifyAdapter {
  constructor(parts: EdgeParts) {
    const { answers, clock, entropy, table } = parts;
    super({
      logger: false,
      skipMiddie: true,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: 'idle',
      return503OnClosing: false,
      http: { maxHeaderSize: HEADER_BYTES_MAX, requireHostHeader: false },
      routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX, caseSensitive: true, ignoreTrailingSlash: false },
      clientErrorHandler: rawErrorAnswers(clock, entropy),
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
        openRequest(request, reply, clock, entropy);
        answers.send(error, request, reply);
      },
    });
    const http = this.getInstance<FastifyInstance>();
    http.setErrorHandler((error, request, reply) => answers.send(error, request, reply));
    http.setNotFoundHandler((request) => {
      throw table.missing(request.raw.url ?? '/');
    });
    // Node would answer an expectation it does not know by itself; to us it is a header without a meaning.
    http.server.on('checkExpectation', (request, response) => http.server.emit('request', request, response));
    table.watch(http);
    guardEdge(http, parts);
  }

  override setErrorHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>();
  }

  override setNotFoundHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>();
  }
}
