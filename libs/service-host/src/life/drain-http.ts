import type { Clock } from '@chronicle/seams';
import type { FastifyInstance } from 'fastify';
import type { Drain } from './drain.js';

/** A client that has just got an answer may send its next request at any moment: for so long it is still read. */
const LINGER_MS = 250;
const LOOK_EVERY_MS = 10;

/**
 * Makes the end of HTTP the first steps of the drain, so that no request is lost. To close a kept connection that seems at
 * rest would cut off a request on its way, and its sender could not know whether it was carried out. So answers go on for
 * {@link LINGER_MS} while there are connections, each asking to close its own (Node would keep it, and the drain would wait
 * for it). Then come no more connections, those still at rest are closed, and requests under way are finished.
 */
export function drainHttp(http: FastifyInstance, drain: Drain, clock: Clock): void {
  http.addHook('onSend', (_request, reply, _payload, done) => {
    if (drain.isDraining) reply.header('connection', 'close');
    done();
  });
  drain.step('connections', async () => {
    const deadline = clock.monotonic() + LINGER_MS;
    while ((await openConnections(http)) > 0 && clock.monotonic() < deadline) await clock.sleep(LOOK_EVERY_MS);
  });
  drain.step('http', () => http.close());
}

function openConnections(http: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    http.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
