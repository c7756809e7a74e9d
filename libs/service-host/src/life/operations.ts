import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { RouteSpec } from '../edge/route.js';
import { AnswerField } from '../fields/field.js';
import type { Drain } from './drain.js';
import type { Readiness, ReadinessReport } from './readiness.js';

const STATUS = { type: 'string', enum: ['up', 'down'] };

class PartAnswer {
  @AnswerField({ type: 'string' }) name!: string;
  @AnswerField(STATUS) status!: 'up' | 'down';
  @AnswerField({ type: ['string', 'null'] }) detail!: string | null;
}

class ReportAnswer {
  @AnswerField(STATUS) status!: 'up' | 'down';
  @AnswerField({ type: 'array', items: PartAnswer }) parts!: PartAnswer[];
}

const DRAINING: ReadinessReport = {
  status: 'down',
  parts: [{ name: 'drain', status: 'down', detail: 'this process is ending' }],
};

const LIVE: RouteSpec = {
  summary: 'Is the process alive?',
  public: true,
  answer: { status: 200, schema: ReportAnswer },
};
const READY: RouteSpec = {
  summary: 'Can the app do its work? 503, with the same body, when a part is down',
  public: true,
  answer: { status: 200, or: 503, schema: ReportAnswer },
};
const METRICS: RouteSpec = {
  summary: 'Metrics for Prometheus',
  public: true,
  answer: { status: 200, type: 'text/plain' },
};

/** Serves `/health/live`, `/health/ready` and `/metrics`. */
export function serveOperations(http: FastifyInstance, readiness: Readiness, drain: Drain, metrics: Registry): void {
  http.get('/health/live', { config: { route: LIVE } }, () => ({ status: 'up', parts: [] }));
  http.get('/health/ready', { config: { route: READY } }, async (_request, reply) => {
    const report = drain.isDraining ? DRAINING : await readiness.report();
    return reply.code(report.status === 'up' ? 200 : 503).send(report);
  });
  http.get('/metrics', { config: { route: METRICS } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
