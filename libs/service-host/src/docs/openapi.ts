import { schemaOf } from '../fields/schema-of.js';
import { PROBLEMS, type ProblemCode } from '../problem.js';
import type { RegisteredRoute } from '../edge/route-table.js';
import { readsHeader, type ReadHeader, type RouteSpec } from '../edge/route.js';

type Json = Record<string, unknown>;

const READ_HEADERS: readonly {
  readonly header: ReadHeader;
  readonly name: string;
  readonly description: string;
  readonly schema: Json;
}[] = [
  {
    header: 'causation-id',
    name: 'X-Causation-Id',
    description: 'The direct parent of this command; its own id when absent',
    schema: { type: 'string', format: 'uuid' },
  },
  {
    header: 'idempotency-key',
    name: 'Idempotency-Key',
    description: 'Makes a repeat of the request harmless',
    schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[ -~]+$' },
  },
  {
    header: 'if-match',
    name: 'If-Match',
    description: 'The expected version, such as "3"',
    schema: { type: 'string', pattern: '^"\\d+"$' },
  },
  {
    header: 'if-none-match',
    name: 'If-None-Match',
    description: 'The ETag of what is already known',
    schema: { type: 'string' },
  },
  {
    header: 'traceparent',
    name: 'traceparent',
    description: 'W3C trace context; a malformed one is ignored',
    schema: { type: 'string' },
  },
];

/** The OpenAPI 3.1 document of an app, made of what its routes declare. It is the same with and without authentication. */
export function openApiDocument(app: string, routes: readonly RegisteredRoute[]): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path, spec } of routes.filter((route) => !route.spec.hidden)) {
    const template = path.replace(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(method, path, spec) };
  }
  return {
    openapi: '3.1.0',
    info: { title: app, version: '1' },
    paths,
    components: {
      schemas: { Problem: problemSchema() },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(method: string, path: string, spec: RouteSpec): Json {
  return {
    operationId: `${method.toLowerCase()} ${path}`.replace(/[^a-z0-9]+/gi, '-'),
    summary: spec.summary,
    ...(spec.scopes && { description: `Scope: ${spec.scopes.map((scope) => `\`${scope}\``).join(' or ')}` }),
    security: spec.public ? [] : [{ token: [] }],
    parameters: [...pathParameters(path, spec), ...queryParameters(spec), ...headerParameters(spec)],
    ...(spec.body && { requestBody: requestBody(schemaOf(spec.body, 'sent')) }),
    responses: responses(method, spec),
  };
}

/** A body without required fields may be left out: it counts as `{}` then. */
function requestBody(schema: Json): Json {
  return { required: Array.isArray(schema['required']), content: { 'application/json': { schema } } };
}

function pathParameters(path: string, { uuids }: RouteSpec): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(uuids?.includes(name!) && { format: 'uuid' }) },
  }));
}

function queryParameters(spec: RouteSpec): Json[] {
  const { properties = {}, required = [] } = spec.query
    ? (schemaOf(spec.query, 'sent') as { properties?: Json; required?: string[] })
    : {};
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function headerParameters(spec: RouteSpec): Json[] {
  const correlation = {
    name: 'X-Correlation-Id',
    in: 'header',
    description: 'The flow this belongs to; made when absent',
    schema: { type: 'string', format: 'uuid' },
  };
  const read = READ_HEADERS.filter(({ header }) => readsHeader(spec, header));
  return [correlation, ...read.map(({ name, description, schema }) => ({ name, in: 'header', description, schema }))];
}

function responses(method: string, spec: RouteSpec): Json {
  const { status, or, schema, headers = [], type = 'application/json' } = spec.answer;
  const common = answerHeaders(spec);
  const success = {
    description: 'Done',
    headers: { ...common, ...describedHeaders(headers) },
    content: { [type]: { schema: schema ? schemaOf(schema, 'answered') : {} } },
  };
  const notModified = readsHeader(spec, 'if-none-match')
    ? { 304: { description: 'Not changed since', headers: common } }
    : {};
  return {
    [status]: success,
    ...(or && { [or]: success }),
    ...notModified,
    ...problemResponses(problemCodes(method, spec), common),
  };
}

/** The problems of a route: those the edge answers by itself, and those its controller can. */
function problemCodes(method: string, spec: RouteSpec): ProblemCode[] {
  const codes: ProblemCode[] = ['malformed-request', 'headers-too-large', 'internal-error'];
  if (!spec.public) codes.push('unauthenticated', 'too-many-requests', 'validation-failed');
  if (!spec.public || spec.problems?.includes('forbidden')) codes.push('forbidden');
  if (spec.body) codes.push('request-timeout', 'body-too-large', 'unsupported-media-type');
  return [...new Set([...codes, ...(spec.problems ?? [])])];
}

function problemResponses(codes: readonly ProblemCode[], headers: Json): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  const entries = [...byStatus].map(([status, group]) => {
    const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: group } } }] };
    const own = group.some((code) => 'retryAfterSeconds' in PROBLEMS[code]) ? describedHeaders(['retry-after']) : {};
    return [
      status,
      {
        description: group.join(', '),
        headers: { ...headers, ...own },
        content: { 'application/problem+json': { schema } },
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function answerHeaders(spec: RouteSpec): Json {
  return describedHeaders(['x-correlation-id', ...(spec.command ? ['x-causation-id'] : [])]);
}

function describedHeaders(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { schema: { type: 'string' } }]));
}

function problemSchema(): Json {
  const text = { type: 'string' };
  return {
    type: 'object',
    description: 'RFC 9457; some codes carry further members',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: text,
      instance: text,
      code: { enum: Object.keys(PROBLEMS) },
    },
  };
}
