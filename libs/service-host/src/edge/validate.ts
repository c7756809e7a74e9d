import type { FastifyRequest } from 'fastify';
import { NoFields } from '../fields/field.js';
import { VIOLATIONS_MAX } from '../fields/instance-of.js';
import { readFields } from '../fields/read-fields.js';
import { Problem } from '../problem.js';
import type { RouteSpec } from './route.js';

/**
 * The step "fields" of the contract: replaces query and body by the DTOs made of them, or throws `validation-failed` that names
 * what is wrong in both.
 *
 * class-validator runs here and not in Nest's ValidationPipe: a pipe sees one parameter of a controller's method at a time, so
 * it would name the faults of the query or of the body but not of both, would miss what a method does not ask for (such as an
 * unknown parameter of a route that has none), and would make the instances with class-transformer, at several times the cost.
 */
export function validateFields(request: FastifyRequest, route: RouteSpec): void {
  const query = route.public ? { value: request.query } : readFields(route.query ?? NoFields, request.query);
  const sentBody = request.body === undefined ? {} : request.body;
  const body = route.body ? readFields(route.body, sentBody) : { value: request.body };
  if ('violations' in query || 'violations' in body) {
    const violations = [query, body].flatMap((outcome) => ('violations' in outcome ? outcome.violations : []));
    throw new Problem('validation-failed', 'some fields are missing, unknown or not as they must be', {
      violations: violations.slice(0, VIOLATIONS_MAX),
    });
  }
  request.query = query.value;
  request.body = body.value;
  if (route.body) request.edge = { ...request.edge, sentBody };
}
