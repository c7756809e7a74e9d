import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { uuidV7, type Clock, type Entropy } from '@chronicle/seams';
import { Problem, type ProblemCode } from '../problem.js';

/** How long a client that is still sending has to read the answer before its connection is cut. */
const LINGER_MS = 1_000;

const PROBLEM_OF: Readonly<Record<string, [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'the request line and the header fields are longer than 16384 bytes'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body-too-large', 'the chunk extensions of the body are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'the request did not arrive in time'],
};

/** Answers, on the bare connection, what is no HTTP that Node can parse. */
export function rawErrorAnswers(clock: Clock, entropy: Entropy) {
  return function answer(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [code, detail] = PROBLEM_OF[error.code ?? ''] ?? (['malformed-request', 'this is not HTTP/1.1'] as const);
    socket.end(rawAnswer(new Problem(code, detail), uuidV7(clock, entropy)));
    // Cutting the connection while the client is sending would destroy the answer on its way.
    socket.resume();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}

function rawAnswer(problem: Problem, correlationId: string): string {
  const body = JSON.stringify(problem.body('/'));
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlationId}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
