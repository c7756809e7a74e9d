import { Validator } from '@seriousme/openapi-schema-validator';
import { APPS, WORKERS } from '@chronicle/tool-system';
import { json } from '../answers.js';
import { shared } from '../system-under-test.js';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const OPERATIONS = ['get /health/live', 'get /health/ready', 'get /metrics', 'get /openapi.json', 'get /docs'];
const ADMIN = [
  'get /admin/status',
  'get /admin/parked',
  'post /admin/parked/{aggregateId}/redrive',
  'post /admin/parked/{aggregateId}/skip',
  'post /admin/pause',
  'post /admin/resume',
];
const ROUTES: Record<string, readonly string[]> = {
  'command-service': [
    'post /v1/orders',
    'put /v1/orders/{id}/items',
    'post /v1/orders/{id}/confirm',
    'post /v1/orders/{id}/ship',
    'post /v1/orders/{id}/deliver',
    'post /v1/orders/{id}/cancel',
    'get /v1/orders/{id}/state',
    'get /v1/orders/{id}/events',
  ],
  'query-service': ['get /v1/orders/{id}', 'get /v1/customers/{customerId}/orders', 'get /v1/orders'],
  ...Object.fromEntries(WORKERS.map((app) => [app, ADMIN])),
};
const COMMAND_HEADERS = ['x-correlation-id', 'x-causation-id', 'idempotency-key', 'traceparent'];
const HEADERS: Record<string, readonly string[]> = {
  'post /v1/orders': COMMAND_HEADERS,
  'put /v1/orders/{id}/items': [...COMMAND_HEADERS, 'if-match'],
  'post /v1/orders/{id}/confirm': [...COMMAND_HEADERS, 'if-match'],
  'get /v1/orders/{id}': ['x-correlation-id', 'if-none-match'],
};

/** The OpenAPI documents, held against the contract and against every answer that this suite has seen: run it last. */
export function openApi(): void {
  describe.each(APPS.map(({ name }) => name))('the OpenAPI document of %s', (app) => {
    it('is valid OpenAPI 3.1', async () => {
      const result = await new Validator().validate({ ...(await documentOf(app)) });
      expect(result).toEqual({ valid: true });
      expect((await documentOf(app)).openapi).toMatch(/^3\.1\./);
    });

    it('has every route of the contract and no other', async () => {
      const { paths } = await documentOf(app);
      const routes = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      );
      const documented = routes.filter((route) => !OPERATIONS.includes(route));
      expect(documented.map(withoutNames).sort()).toEqual(ROUTES[app]!.map(withoutNames).sort());
      expect(routes).toEqual(expect.arrayContaining(OPERATIONS.slice(0, 3)));
    });

    it('has every header that a route reads', async () => {
      for (const [route, names] of Object.entries(HEADERS).filter(([route]) => ROUTES[app]!.includes(route))) {
        const [method, path] = route.split(' ') as [string, string];
        const { parameters = [] } = operationAt(await documentOf(app), method, path)!;
        const headers = parameters
          .filter((parameter) => parameter.in === 'header')
          .map(({ name }) => name.toLowerCase());
        expect([route, headers]).toEqual([route, expect.arrayContaining([...names])]);
      }
    });

    it('has every status that was seen', async () => {
      const document = await documentOf(app);
      const undocumented = shared()
        .seen.filter((seen) => seen.app === app)
        .flatMap(({ method, path, status }) => {
          const operation = operationAt(document, method.toLowerCase(), path);
          return operation && !(status in operation.responses) ? [`${method} ${path}: ${status}`] : [];
        });
      expect([...new Set(undocumented)]).toEqual([]);
    });
  });
}

async function documentOf(app: string): Promise<Document> {
  return json<Document & Record<string, unknown>>(await shared().client(app).get('/openapi.json'));
}

/** Path parameters may have any name. */
function withoutNames(route: string): string {
  return route.replaceAll(/\{\w+\}/g, '{}');
}

function operationAt(document: Document, method: string, path: string): Operation | undefined {
  const template = Object.keys(document.paths).find((candidate) =>
    new RegExp(`^${candidate.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return template === undefined ? undefined : document.paths[template]![method];
}
