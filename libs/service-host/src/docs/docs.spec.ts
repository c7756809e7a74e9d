import { createApp, type App } from '../app.js';
import { sampleApp } from '../sample-app.fixture.js';

type Operation = {
  parameters: { name: string; in: string }[];
  responses: Record<string, { description: string; content?: object }>;
  security: unknown[];
  requestBody?: object;
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: object } };

describe('the OpenAPI document', () => {
  let app: App;
  let document: Document;
  beforeAll(async () => {
    app = await createApp(sampleApp());
    const answer = await app.http.inject('/openapi.json');
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    document = answer.json<Document>();
  });
  afterAll(() => app.close());

  it('is version 3.1 and has every route, with every status it can answer', () => {
    expect(document.openapi).toBe('3.1.0');
    const statuses = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { responses }]) => [
        `${method} ${path}`,
        Object.keys(responses).map(Number),
      ]),
    );
    const publicRoute = [200, 400, 431, 500];
    expect(Object.fromEntries(statuses)).toEqual({
      'get /health/live': publicRoute,
      'get /health/ready': [200, 400, 431, 500, 503],
      'get /metrics': publicRoute,
      'get /openapi.json': publicRoute,
      'get /docs': publicRoute,
      'post /v1/things': [201, 400, 401, 403, 408, 409, 413, 415, 422, 429, 431, 500, 503],
      'get /v1/things': [200, 400, 401, 403, 422, 429, 431, 500],
      'put /v1/things/{id}/reason': [200, 400, 401, 403, 408, 413, 415, 422, 429, 431, 500],
      'get /v1/things/{id}': [200, 304, 400, 401, 403, 404, 422, 429, 431, 500],
    });
  });

  it('has every header and parameter a route reads', () => {
    const read = (path: string, method: string) =>
      document.paths[path]![method]!.parameters.map((one) => `${one.in} ${one.name}`);
    expect(read('/v1/things/{id}/reason', 'put')).toEqual([
      'path id',
      'header X-Correlation-Id',
      'header X-Causation-Id',
      'header Idempotency-Key',
      'header If-Match',
      'header traceparent',
    ]);
    expect(read('/v1/things', 'get')).toEqual(['query kind', 'query limit', 'query from', 'header X-Correlation-Id']);
    expect(read('/v1/things/{id}', 'get')).toEqual(['path id', 'header X-Correlation-Id', 'header If-None-Match']);
  });

  it('describes bodies, problems, and who needs a token', () => {
    const create = document.paths['/v1/things']!['post']!;
    expect(create.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: {
            required: ['customerId', 'currency', 'items'],
            additionalProperties: false,
            properties: {
              items: {
                minItems: 1,
                maxItems: 200,
                items: {
                  properties: {
                    quantity: { type: 'integer', minimum: 1 },
                    productId: { minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect(create.responses['409']).toMatchObject({
      description: 'order-already-exists',
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { properties: { code: { enum: ['order-already-exists'] } } },
            ],
          },
        },
      },
    });
    expect(create.security).toEqual([{ token: [] }]);
    expect(document.paths['/health/live']!['get']!.security).toEqual([]);
    expect(document.components.schemas).toHaveProperty('Problem');
  });

  it('comes with a page that needs nothing from elsewhere', async () => {
    const { body } = await app.http.inject('/docs');
    const files = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js']);
    expect(body).not.toMatch(/https?:/);
    for (const file of files) expect((await app.http.inject(file)).statusCode).toBe(200);
  });
});
