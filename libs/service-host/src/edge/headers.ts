import type { IncomingMessage } from 'node:http';
import { isUuid } from '@chronicle/seams';
import { Problem } from '../problem.js';
import { readsHeader, type ReadHeader, type RouteSpec } from './route.js';

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,128}$/;
const STRONG_VERSION = /^"(0|[1-9]\d{0,15})"$/;
/** RFC 9110, 13.1.2: `*`, or tags with commas between them. */
const ENTITY_TAGS = /^(\*|(W\/)?"[^"]*"([ \t]*,[ \t]*(W\/)?"[^"]*")*)$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** What the headers say where they can be used; a header that the route does not read, or that is malformed, is undefined. */
export function readHeaders(message: IncomingMessage, route: RouteSpec | undefined) {
  const { headers } = message;
  const reads = (header: ReadHeader) => route !== undefined && readsHeader(route, header);
  return {
    correlationId: uuidIn(headers['x-correlation-id']),
    causationId: reads('causation-id') ? uuidIn(headers['x-causation-id']) : undefined,
    idempotencyKey: reads('idempotency-key') ? (headers['idempotency-key'] as string | undefined) : undefined,
    ifMatch: reads('if-match') ? versionIn(headers['if-match']) : undefined,
    ifNoneMatch: reads('if-none-match') ? headers['if-none-match'] : undefined,
    traceparent: reads('traceparent') ? traceparentIn(headers['traceparent']) : undefined,
  };
}

/** The step "headers" of the contract: throws `malformed-request` for the first header that the route reads and cannot use. */
export function judgeHeaders(message: IncomingMessage, route: RouteSpec): void {
  const { headers } = message;
  if (headers['x-correlation-id'] !== undefined) judgeUuid(message, 'X-Correlation-Id');
  if (headers['x-causation-id'] !== undefined && readsHeader(route, 'causation-id'))
    judgeUuid(message, 'X-Causation-Id');
  if (headers['idempotency-key'] !== undefined && readsHeader(route, 'idempotency-key')) judgeIdempotencyKey(message);
  judgeIfNoneMatch(headers['if-none-match'], route);
  if (headers['if-match'] === undefined) return;
  if (route.refuses?.includes('if-match')) throw bad('If-Match', 'is set', 'nothing: there is no version to match yet');
  if (readsHeader(route, 'if-match') && versionIn(headers['if-match']) === undefined) {
    throw bad('If-Match', 'is something else', 'one version in quotes, such as "3"');
  }
}

function uuidIn(text: string | string[] | undefined): string | undefined {
  return isUuid(text) ? text.toLowerCase() : undefined;
}

/** A malformed trace context is as good as none. */
function traceparentIn(text: string | string[] | undefined): string | undefined {
  return typeof text === 'string' && TRACEPARENT.test(text) ? text : undefined;
}

/** The version that `If-Match` names; undefined unless it is one strong, quoted, non-negative integer. */
function versionIn(text: string | undefined): number | undefined {
  const digits = STRONG_VERSION.exec(text ?? '')?.[1];
  const version = Number(digits);
  return digits !== undefined && Number.isSafeInteger(version) ? version : undefined;
}

function judgeUuid(message: IncomingMessage, name: string): void {
  if (!isUuid(message.headers[name.toLowerCase()])) throw bad(name, 'is something else', 'one UUID');
}

function judgeIdempotencyKey(message: IncomingMessage): void {
  // Node joins a repeated header with ", ", which would pass for one key.
  const times = message.rawHeaders.filter(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'idempotency-key',
  ).length;
  if (times > 1) throw bad('Idempotency-Key', 'is sent more than once', 'one key');
  if (!IDEMPOTENCY_KEY.test(String(message.headers['idempotency-key']))) {
    throw bad('Idempotency-Key', 'is something else', '1 to 128 characters from space to ~');
  }
}

function judgeIfNoneMatch(text: string | undefined, route: RouteSpec): void {
  if (text === undefined || !readsHeader(route, 'if-none-match') || ENTITY_TAGS.test(text)) return;
  throw bad('If-None-Match', 'is something else', '*, or entity tags such as "3"');
}

function bad(name: string, found: string, expected: string): Problem {
  return new Problem('malformed-request', `the header ${name} ${found}; expected ${expected}`);
}
