import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../life/log.js';
import { Problem, type ProblemCode } from '../problem.js';

/** Answers whatever was thrown as `application/problem+json`. What is our fault (500 and above) is logged, once, here. */
export class ProblemAnswers {
  constructor(private readonly log: Log) {}

  /** The answer to `error`. An error that nobody foresaw tells the client nothing but the correlation id to ask for. */
  send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    const instance = pathOf(request.raw.url);
    if (problem.status >= 500) this.logFault(error, problem, request, instance);
    // Fastify closes the connection after a body it refused. A client that is still sending would lose the answer with it, so
    // the rest of the body is read and thrown away instead.
    if (problem.code === 'body-too-large') reply.removeHeader('connection');
    reply.code(problem.status).headers(problem.headers).type('application/problem+json');
    // As bytes, because Fastify would add a charset to the type of a text, and the type has none.
    reply.send(Buffer.from(JSON.stringify(problem.body(instance))));
  }

  private logFault(error: unknown, problem: Problem, request: FastifyRequest, path: string): void {
    const { correlationId } = request.edge;
    this.log.error({ err: error, code: problem.code, correlationId, method: request.method, path }, 'a request failed');
  }
}

/** Hands what a controller throws to the same answers as everything else. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly answers: ProblemAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answers.send(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** The path of a request target, without its query. */
export function pathOf(target: string | undefined): string {
  return (target ?? '/').split(/[?#]/, 1)[0]!;
}

/** Codes of Fastify's errors whose cause is the client. */
const FASTIFY_PROBLEMS: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_BAD_URL: ['route-not-found', 'the path is not encoded as a path'],
  FST_ERR_MAX_PARAM_LENGTH: ['route-not-found', 'a part of the path is too long'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'the body is longer than 262144 bytes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'expected application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed-request', 'the body is not as long as Content-Length says'],
};

const STATUS_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'route-not-found',
  405: 'method-not-allowed',
  413: 'body-too-large',
  415: 'unsupported-media-type',
};

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = propertyOf(error, 'code');
  if (code === 'store-unavailable')
    return new Problem(
      'store-unavailable',
      'the store cannot be reached at present; try again',
      {},
      {},
      { cause: error },
    );
  const known = typeof code === 'string' ? FASTIFY_PROBLEMS[code] : undefined;
  if (known) return new Problem(known[0], known[1], {}, {}, { cause: error });
  const status = error instanceof HttpException ? error.getStatus() : propertyOf(error, 'statusCode');
  const byStatus = typeof status === 'number' ? STATUS_PROBLEMS[status] : undefined;
  if (byStatus) return new Problem(byStatus, 'the request cannot be served as it is', {}, {}, { cause: error });
  return new Problem(
    'internal-error',
    'the correlation id of this answer finds it in the log',
    {},
    {},
    { cause: error },
  );
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
