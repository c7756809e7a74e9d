import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Drain } from './drain.js';
import type { Readiness, ReadinessReport } from './readiness.js';

const Status = z.enum(['up', 'down']);
const Report = z.object({
  status: Status,
  parts: z.array(z.object({ name: z.string(), status: Status, detail: z.string().nullable() })),
});

const DRAINING: ReadinessReport = {
  status: 'down',
  parts: [{ name: 'drain', status: 'down', detail: 'this process is ending' }],
};

/** Serves `/health/live`, `/health/ready` and `/metrics`. */
export function serveOperations(http: FastifyInstance, readiness: Readiness, drain: Drain, metrics: Registry): void {
  const health = (summary: string) => ({
    config: { route: { summary, public: true as const, answer: { status: 200 as const, schema: Report } } },
  });
  http.get('/health/live', health('Is the process alive?'), () => ({ status: 'up', parts: [] }));
  http.get(
    '/health/ready',
    health('Can the app do its work? 503, with the same body, when a part is down'),
    async (_request, reply) => {
      const report = drain.isDraining ? DRAINING : await readiness.report();
      return reply.code(report.status === 'up' ? 200 : 503).send(report);
    },
  );
  const text = {
    summary: 'Metrics for Prometheus',
    public: true as const,
    answer: { status: 200 as const, type: 'text/plain' },
  };
  http.get('/metrics', { config: { route: text } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
