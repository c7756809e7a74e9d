import { isUtf8 } from 'node:buffer';
import { Problem } from '../problem.js';

/** Bodies are at most this long. */
export const BODY_BYTES_MAX = 256 * 1024;
/** Arrays and objects inside each other are at most this deep. */
export const BODY_DEPTH_MAX = 32;

/**
 * The JSON value of a body; an empty body is `{}`. Throws `unsupported-media-type` when a body that is not empty has another
 * type than `application/json`, and `malformed-request` when it is not JSON in UTF-8, is nested too deep, or has a key that
 * could reach a prototype. Of duplicate keys the last counts.
 */
export function parseBody(
  bytes: Buffer,
  contentType: string | undefined,
  contentEncoding: string | undefined,
): unknown {
  if (bytes.length === 0) return {};
  if (contentType === undefined || !/^application\/json\s*(;|$)/i.test(contentType.trim())) {
    throw new Problem(
      'unsupported-media-type',
      `the body is ${contentType ?? 'of no stated type'}; expected application/json`,
    );
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', `the body is encoded as ${contentEncoding}; expected no encoding`);
  }
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8');
  const value = parseJson(bytes.toString('utf8'));
  refuseHarmful(value, 1);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('the body is not JSON');
  }
}

function refuseHarmful(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > BODY_DEPTH_MAX) throw malformed(`the body is nested deeper than ${BODY_DEPTH_MAX} levels`);
  if (Array.isArray(value)) {
    for (const item of value) refuseHarmful(item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    const inner: unknown = (value as Record<string, unknown>)[key];
    if (key === '__proto__' || (key === 'constructor' && hasPrototypeKey(inner)))
      throw malformed(`the body has the key "${key}"`);
    refuseHarmful(inner, depth + 1);
  }
}

function hasPrototypeKey(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

function malformed(detail: string): Problem {
  return new Problem('malformed-request', detail);
}
