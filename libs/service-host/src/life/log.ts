import { pino, type DestinationStream, type Logger } from 'pino';
import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** JSON lines on standard output, one an event, with the name of the app; facts first, then a short message. */
export type Log = Logger;

/** Where secrets could stand in what is logged. */
const REDACTED = ['authorization', '*.authorization', 'headers.authorization', 'req.headers.authorization'];

/** The log of the app `name`. `to` is standard output unless a spec brings its own. */
export function openLog(name: string, level: string, to?: DestinationStream): Log {
  const options = {
    level,
    base: { app: name, pid: process.pid },
    redact: REDACTED,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return to ? pino(options, to) : pino(options, pino.destination({ fd: 1, sync: true }));
}

/** Logs every request, at level debug only. What fails by our own fault is logged elsewhere, at level error. */
export function logRequests(http: FastifyInstance, log: Log): void {
  if (!log.isLevelEnabled('debug')) return;
  http.addHook('onResponse', (request, reply, done) => {
    const { correlationId, principal } = request.edge;
    const facts = {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: reply.elapsedTime,
    };
    log.debug({ ...facts, correlationId, subject: principal.subject }, 'request');
    done();
  });
}

/** Nest's own messages on our log: what it says about its start is of interest only when debugging. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}
  log = (message: unknown) => this.sink.debug(String(message));
  verbose = (message: unknown) => this.sink.trace(String(message));
  debug = (message: unknown) => this.sink.debug(String(message));
  warn = (message: unknown) => this.sink.warn(String(message));
  error = (message: unknown) =>
    this.sink.error({ err: message instanceof Error ? message : undefined }, String(message));
  fatal = (message: unknown) => this.sink.fatal(String(message));
}
