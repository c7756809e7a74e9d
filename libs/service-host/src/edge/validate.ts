import type { FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { Problem } from '../problem.js';
import { fields } from './fields.js';
import type { RouteSpec } from './route.js';

/** So many violations are named in one answer. */
export const VIOLATIONS_MAX = 50;

interface Violation {
  readonly field: string;
  readonly message: string;
}

type Issues = NonNullable<ReturnType<ZodType['safeParse']>['error']>['issues'];

const NO_PARAMETERS = fields.object({});

/**
 * The step "fields" of the contract: replaces query and body by what their schemas make of them, or throws
 * `validation-failed` that names what is wrong in both.
 */
export function validateFields(request: FastifyRequest, route: RouteSpec): void {
  const violations: Violation[] = [];
  if (!route.public) request.query = read(route.query ?? NO_PARAMETERS, request.query, violations);
  if (route.body) {
    const sentBody = request.body === undefined ? {} : request.body;
    request.edge = { ...request.edge, sentBody };
    request.body = read(route.body, sentBody, violations);
  }
  if (violations.length === 0) return;
  throw new Problem('validation-failed', 'some fields are missing, unknown or not as they must be', {
    violations: violations.slice(0, VIOLATIONS_MAX),
  });
}

function read(schema: ZodType, value: unknown, violations: Violation[]): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  violations.push(...violationsOf(result.error.issues));
  return undefined;
}

function violationsOf(issues: Issues): Violation[] {
  return issues
    .slice(0, VIOLATIONS_MAX)
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, VIOLATIONS_MAX)
            .map((key) => ({ field: fieldName([...issue.path, key]), message: 'is not known here' }))
        : [{ field: fieldName(issue.path), message: issue.message }],
    );
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
