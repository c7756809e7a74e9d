import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { RouteSpec } from '../edge/route.js';

/** The files of Swagger UI that the page needs; they are served from the installed package, so that the page works offline. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};

const START = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#page", validatorUrl: null });';

/** The page loads nothing from elsewhere and runs no script but its own. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Serves `/openapi.json` and, at `/docs`, a page to read and try it. `document` is asked for once, when first needed. */
export function serveDocs(http: FastifyInstance, app: string, document: () => unknown): void {
  let json: string | undefined;
  const page = pageOf(app);
  http.get('/openapi.json', served('The OpenAPI 3.1 document of this app', 'application/json'), (_request, reply) =>
    reply.type('application/json').send((json ??= JSON.stringify(document()))),
  );
  http.get('/docs', served('A page to try this app', 'text/html'), (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page),
  );
  http.get('/docs/start.js', served('Part of the page', 'text/javascript', true), (_request, reply) =>
    reply.type('text/javascript').send(START),
  );
  for (const [name, type] of Object.entries(FILES)) {
    http.get(`/docs/${name}`, served('Part of the page', type, true), async (_request, reply) =>
      reply.type(type).send(await readFile(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))),
    );
  }
}

function served(summary: string, type: string, isPart = false): { config: { route: RouteSpec } } {
  const spec: RouteSpec = { summary, public: true, answer: { status: 200, type } };
  return { config: { route: isPart ? { ...spec, hidden: true } : spec } };
}

function pageOf(app: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${app}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="page"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
}
