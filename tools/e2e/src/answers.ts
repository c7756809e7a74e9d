import assert from 'node:assert/strict';
import type { HttpAnswer } from '@chronicle/tool-system';

/** A UUID as this system writes it. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** A time as this system writes it. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The answer to an accepted command. */
export interface Accepted {
  readonly orderId: string;
  readonly version: number;
  readonly commandId: string;
}

/** The body of an answer that must have `status`, be JSON and carry a correlation id. */
export function json<Body = Record<string, unknown>>(answer: HttpAnswer, status = 200): Body {
  assert.equal(answer.status, status, `${answer.status} ${answer.text}`);
  assert.match(String(answer.headers['content-type']), /^application\/json(;|$)/);
  assert.match(String(answer.headers['x-correlation-id']), UUID);
  return JSON.parse(answer.text) as Body;
}

/** The body of an accepted command: exactly the fields of the contract, with the headers that go with them. */
export function accepted(answer: HttpAnswer, status = 200): Accepted {
  const body = json<Accepted>(answer, status);
  assert.deepEqual(Object.keys(body).sort(), ['commandId', 'orderId', 'version']);
  assert.match(body.orderId, UUID);
  assert.match(body.commandId, UUID);
  assert.equal(answer.headers.etag, `"${body.version}"`);
  assert.match(String(answer.headers['x-causation-id']), UUID);
  if (status === 201) assert.equal(answer.headers.location, `/v1/orders/${body.orderId}`);
  return body;
}

/** A problem with this status and code, and exactly the `facts` beside the members of RFC 9457. Returns its body. */
export function problem(answer: HttpAnswer, status: number, code: string, facts: Record<string, unknown> = {}) {
  assert.equal(`${answer.status} ${codeOf(answer)}`, `${status} ${code}`, answer.text);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json(;|$)/);
  assert.match(String(answer.headers['x-correlation-id']), UUID);
  const { title, detail, instance, ...rest } = JSON.parse(answer.text) as Record<string, unknown>;
  for (const text of [title, detail, instance]) assert.ok(typeof text === 'string' && text !== '', answer.text);
  assert.deepEqual(rest, { type: `/problems/${code}`, status, code, ...facts });
  return rest;
}

/** 422 `validation-failed`; returns the fields that it names, in order. */
export function invalid(answer: HttpAnswer): string[] {
  const { violations } = JSON.parse(answer.text) as { violations?: { field: string; message: string }[] };
  problem(answer, 422, 'validation-failed', { violations });
  assert.ok(violations && violations.length >= 1 && violations.length <= 50, answer.text);
  for (const violation of violations) assert.deepEqual(Object.keys(violation).sort(), ['field', 'message']);
  return violations.map(({ field }) => field);
}

function codeOf({ text }: HttpAnswer): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown }).code;
  } catch {
    return text;
  }
}
