import { createServer, type Server, type ServerResponse } from 'node:http';
import { uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import { pathOf } from '../edge/answer-problem.js';
import { Problem } from '../problem.js';
import type { Log } from './log.js';
import type { ReadinessReport } from './readiness.js';

interface Surroundings {
  readonly log: Log;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

const ENDINGS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const;

/**
 * Stands in for an app that cannot be put together yet: alive, not ready for a reason that it tells, and every other request
 * is answered 503. So a supervisor sees a process that waits, and not one that dies again and again. Asked to end, the
 * process ends at once: it holds nothing.
 */
export class WaitingRoom {
  private reason = '';

  private constructor(
    private readonly server: Server,
    private readonly log: Log,
  ) {
    for (const event of ENDINGS) process.on(event, this.leave);
    if (process.connected === false) this.leave(); // the parent went while nobody listened for that yet
  }

  /** Listens; throws when the address is taken. */
  static async open({ host, port }: { host: string; port: number }, surroundings: Surroundings): Promise<WaitingRoom> {
    const { log, clock, entropy } = surroundings;
    const server = createServer();
    await new Promise<void>((listening, failed) => server.once('error', failed).listen({ host, port }, listening));
    const room = new WaitingRoom(server, log);
    server.on('request', (request, response) => {
      response.setHeader('x-correlation-id', uuidV7(clock, entropy));
      response.setHeader('cache-control', 'no-store');
      response.setHeader('connection', 'close'); // the next request may be for the app itself
      room.answer(pathOf(request.url), response);
    });
    return room;
  }

  /** Says why the app is not ready, to whoever asks, and once into the log. */
  tell(error: Error): void {
    if (error.message === this.reason) return;
    this.reason = error.message;
    this.log.warn({ err: error }, 'the app cannot be put together yet; it is tried again');
  }

  /** Resolves when the address is free again. */
  async close(): Promise<void> {
    for (const event of ENDINGS) process.off(event, this.leave);
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private readonly leave = () => process.exit(0);

  private answer(path: string, response: ServerResponse): void {
    if (path === '/health/live') return send(response, 200, { status: 'up', parts: [] });
    if (path === '/health/ready') return send(response, 503, this.report());
    const problem = new Problem('store-unavailable', 'the app waits for its store; try again');
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    send(response, problem.status, problem.body(path), 'application/problem+json');
  }

  private report(): ReadinessReport {
    return { status: 'down', parts: [{ name: 'start', status: 'down', detail: this.reason }] };
  }
}

function send(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
