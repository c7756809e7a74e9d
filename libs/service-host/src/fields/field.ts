import { IsOptional, ValidateBy } from 'class-validator';

/**
 * A class whose properties are declared with fields: shape, validation, type and document of a body, of query parameters or of
 * an answer. It is made without arguments.
 */
export type Dto<T extends object = object> = new () => T;

/** The DTO of what has no fields. */
export class NoFields {}

/** A JSON Schema as in OpenAPI 3.1; a DTO may stand wherever a schema may. */
export type Schema = Dto | { readonly [keyword: string]: unknown };

/** What a field takes, and what it makes of it. */
export interface FieldKind<T> {
  readonly schema: Schema;
  /** Makes of what was sent what the controller gets. Comes before `violation`, and leaves alone what it cannot read. */
  readonly read?: (sent: unknown) => unknown;
  /** What is wrong with a value that is there, such as "must be a UUID"; undefined when nothing is. */
  readonly violation: (value: unknown) => string | undefined;
  /** What a field is that is absent or null; a kind without it is required. */
  readonly absent?: T;
}

/** Declares a property whose type takes every `T`; the compiler refuses it on any other. */
export type FieldDecorator<T> = <D extends object, K extends keyof D>(
  prototype: D,
  property: K & ([T] extends [D[K]] ? string : never),
) => void;

type Fields = ReadonlyMap<string, FieldKind<unknown>>;

const declared = new WeakMap<object, Map<string, FieldKind<unknown>>>();
const NONE: Fields = new Map();

/** Declares a property of a DTO to class-validator and to the OpenAPI document. Further class-validator decorators may follow it. */
export function Field<T>(kind: FieldKind<T>): FieldDecorator<T> {
  const violation = (value: unknown) => (value === undefined ? 'is required' : kind.violation(value));
  const validate = ValidateBy({
    name: 'field',
    validator: {
      validate: (value) => violation(value) === undefined,
      defaultMessage: (seen) => violation(seen?.value) ?? '',
    },
  });
  return (prototype, property) => {
    record(prototype, property, kind);
    if (kind.absent === null) IsOptional()(prototype, property);
    validate(prototype, property);
  };
}

/** Declares a property of an answer: it stands in the OpenAPI document, and nothing checks it. */
export function AnswerField(schema: Schema): PropertyDecorator {
  return (prototype, property) => record(prototype, String(property), { schema, violation: () => undefined });
}

/** The fields of a DTO by name, in the order of their declaration, inherited ones first. */
export function fieldsOf(dto: Dto): Fields {
  return fieldsAt(dto.prototype);
}

function fieldsAt(prototype: object | null): Fields {
  if (prototype === null) return NONE;
  return declared.get(prototype) ?? fieldsAt(Object.getPrototypeOf(prototype));
}

function record(prototype: object, property: string, kind: FieldKind<unknown>): void {
  const own = declared.get(prototype) ?? new Map(fieldsAt(prototype));
  declared.set(prototype, own.set(property, kind));
}
