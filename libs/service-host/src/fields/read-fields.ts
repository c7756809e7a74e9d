import { validateSync, type ValidationError, type ValidatorOptions } from 'class-validator';
import type { Dto } from './field.js';
import { UNKNOWN, instanceOf, isObject } from './instance-of.js';

/** What is wrong with one field: `field` is a path such as `items.0.quantity`, `message` says what it must be. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

const OPTIONS: ValidatorOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: false, // or a DTO without fields would be refused
  stopAtFirstError: true,
  validationError: { target: false, value: false },
};

/** The DTO made of what was sent, or everything that is wrong with it: known fields as they are declared, then unknown ones. */
export function readFields<T extends object>(
  dto: Dto<T>,
  sent: unknown,
): { readonly value: T } | { readonly violations: readonly Violation[] } {
  if (!isObject(sent)) return { violations: [{ field: '', message: 'must be an object' }] };
  const value = instanceOf(dto, sent);
  const errors = validateSync(value, OPTIONS);
  return errors.length === 0 ? { value } : { violations: violationsOf(errors, '') };
}

function violationsOf(errors: readonly ValidationError[], path: string): Violation[] {
  const known = errors.filter(({ property }) => !property.startsWith(UNKNOWN));
  const unknown = errors.filter(({ property }) => property.startsWith(UNKNOWN));
  return [
    ...known.flatMap(({ property, constraints = {}, children = [] }) => [
      ...Object.values(constraints).map((message) => ({ field: path + property, message })),
      ...violationsOf(children, `${path}${property}.`),
    ]),
    ...unknown.map(({ property }) => ({
      field: path + property.slice(UNKNOWN.length),
      message: 'is not known here',
    })),
  ];
}
