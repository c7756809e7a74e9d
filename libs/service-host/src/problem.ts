/**
 * Every problem an app can answer: its status, its title, and how many seconds to wait before trying again where that is
 * known beforehand. The list is closed; the codes are those of the HTTP contract.
 */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'order-not-found': { status: 404, title: 'There is no such order' },
  'route-not-found': { status: 404, title: 'There is nothing under this path' },
  'not-parked': { status: 404, title: 'Nothing is parked under this id' },
  'method-not-allowed': { status: 405, title: 'The path does not take this method' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'order-already-exists': { status: 409, title: 'An order with this id exists' },
  'order-rule-violated': { status: 409, title: 'A rule of the order forbids this' },
  'concurrent-modification': { status: 409, title: 'The order kept changing meanwhile' },
  'not-yet-visible': { status: 409, title: 'The version is not visible here yet', retryAfterSeconds: 1 },
  'version-mismatch': { status: 412, title: 'The order has another version' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not application/json' },
  'validation-failed': { status: 422, title: 'Fields are not as they must be' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for something else' },
  'too-many-requests': { status: 429, title: 'Too many requests', retryAfterSeconds: 1 },
  'headers-too-large': { status: 431, title: 'The header fields are too large' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  'store-unavailable': { status: 503, title: 'The store cannot be reached', retryAfterSeconds: 1 },
  'outcome-unknown': { status: 503, title: 'It is not known whether the command took effect', retryAfterSeconds: 1 },
} as const satisfies Record<string, { status: number; title: string; retryAfterSeconds?: number }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Facts that go into the answer beside the standard members, such as `{ expectedVersion: 3, actualVersion: 4 }`. */
export type ProblemFacts = Readonly<Record<string, unknown>>;

/**
 * An answer that is an error (RFC 9457). Thrown anywhere below a controller it becomes `application/problem+json`.
 * `detail` is read by people and must not carry secrets or messages of a driver.
 */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly facts: ProblemFacts = {},
    headers: Readonly<Record<string, string>> = {},
    options: ErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.name = 'Problem';
    const entry: { status: number; retryAfterSeconds?: number } = PROBLEMS[code];
    this.status = entry.status;
    this.headers =
      entry.retryAfterSeconds === undefined ? headers : { 'retry-after': String(entry.retryAfterSeconds), ...headers };
  }

  /** The body of the answer; `instance` is the path of the request. */
  body(instance: string): Record<string, unknown> {
    const { code, status, detail, facts } = this;
    return { type: `/problems/${code}`, title: PROBLEMS[code].title, status, detail, instance, code, ...facts };
  }
}
