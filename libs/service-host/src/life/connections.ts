import type { Clock } from '@chronicle/seams';
import type { FastifyInstance } from 'fastify';
import type { Drain } from './drain.js';

/** A client that has just got an answer may send its next request at any moment: so long it is still read. */
const LINGER_MS = 250;
const LOOK_EVERY_MS = 10;

/**
 * Ends kept connections so that no request is lost in them. Closing one that seems idle cuts off the request that is on its
 * way, and its sender cannot know whether it was carried out. So a drain begins by answering for a moment more, each answer
 * with `Connection: close`; what is still open after {@link LINGER_MS} has nothing to say and may be closed.
 */
export function endConnectionsInOrder(http: FastifyInstance, drain: Drain, clock: Clock): void {
  http.addHook('onSend', (_request, reply, payload, done) => {
    if (drain.isDraining) reply.header('connection', 'close');
    done(null, payload);
  });
  drain.step('connections', async () => {
    const deadline = clock.monotonic() + LINGER_MS;
    while ((await openConnections(http)) > 0 && clock.monotonic() < deadline) await clock.sleep(LOOK_EVERY_MS);
  });
}

function openConnections(http: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    http.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
