import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request and the answer to it. */
export interface HttpExchange {
  readonly request: FastifyRequest;
  /** To set headers of the answer; its body is what the controller's method returns. */
  readonly reply: FastifyReply;
}

/** The {@link HttpExchange} as a parameter of a controller's method. */
export const Exchange = createParamDecorator((_: unknown, execution: ExecutionContext): HttpExchange => {
  const http = execution.switchToHttp();
  return { request: http.getRequest<FastifyRequest>(), reply: http.getResponse<FastifyReply>() };
});
