import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** Upper bounds of the request durations, in seconds. */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The metrics of one process: those of Node (memory, CPU, event loop delay) and, once {@link countRequests} was called, of HTTP. */
export function openMetrics(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Counts and times every request by method, route (its pattern, not its path) and status. */
export function countRequests(http: FastifyInstance, registry: Registry): void {
  const labelNames = ['method', 'route', 'status'] as const;
  const total = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered',
    labelNames,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte read to the last byte handed over, in seconds',
    labelNames: ['method', 'route'] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
  // Looking up a labelled child costs more than counting it, so each is looked up once.
  const series = new Map<string, { count(): void; time(seconds: number): void }>();
  http.addHook('onResponse', (request, reply, done) => {
    const method = request.is404 ? 'any' : request.method;
    const route = request.routeOptions.url ?? 'none';
    const status = reply.statusCode;
    const key = `${status} ${method} ${route}`;
    let one = series.get(key);
    if (!one) {
      const counter = total.labels({ method, route, status: String(status) });
      const timer = duration.labels({ method, route });
      one = { count: () => counter.inc(), time: (seconds) => timer.observe(seconds) };
      series.set(key, one);
    }
    one.count();
    one.time(reply.elapsedTime / 1_000);
    done();
  });
}
