import { isUuid } from '@chronicle/seams';
import { ValidateNested } from 'class-validator';
import { Field, type Dto, type FieldDecorator, type FieldKind } from './field.js';
import { instanceOf, isObject } from './instance-of.js';

// The kinds of fields of the HTTP contract, with messages of our own.

/** May the field of a body be left out? Then it may be null too, and is null when it is absent. */
export interface Presence {
  readonly optional?: true;
}

type Present<T, P extends Presence> = P extends { readonly optional: true } ? T | null : T;

/** Control characters (C0, DEL, C1), and halves of a surrogate pair without the other. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** A UUID of RFC 9562 in either case; comes out in lower case. */
export function UuidField<P extends Presence>(presence?: P): FieldDecorator<Present<string, P>> {
  return FieldOrNull(presence, {
    schema: { type: 'string', format: 'uuid' },
    read: (sent) => (typeof sent === 'string' ? sent.toLowerCase() : sent),
    violation: (value) => (isUuid(value) ? undefined : 'must be a UUID'),
  });
}

/** A text of 1 to `max` characters (code points) without control characters and lone surrogates. */
export function TextField<P extends Presence>(max: number, presence?: P): FieldDecorator<Present<string, P>> {
  return FieldOrNull(presence, {
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' },
    violation(value) {
      if (typeof value !== 'string') return 'must be a text';
      if (!isLengthUpTo(value, max)) return `must be 1 to ${max} characters`;
      return UNPRINTABLE.test(value) ? 'must be without control characters and lone surrogates' : undefined;
    },
  });
}

/** A JSON number that is whole, from `min` to `max` (2^53 − 1 unless said otherwise). */
export function IntegerField<P extends Presence>(
  options: { readonly min: number; readonly max?: number } & P,
): FieldDecorator<Present<number, P>> {
  const { min, max = Number.MAX_SAFE_INTEGER } = options;
  return FieldOrNull<number, P>(options, {
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (sent) => (sent === 0 ? 0 : sent), // -0 becomes 0
    violation: (value) => (isWhole(value, min, max) ? undefined : `must be a whole number from ${min} to ${max}`),
  });
}

/** One of the texts listed; `called` names them in the message when there are too many to list. */
export function OneOfField<const V extends string, P extends Presence>(
  values: readonly V[],
  options?: { readonly called?: string } & P,
): FieldDecorator<Present<V, P>> {
  const known: ReadonlySet<unknown> = new Set(values);
  const called = options?.called ?? `one of ${values.join(', ')}`;
  return FieldOrNull<V, P>(options, {
    schema: { type: 'string', enum: values },
    violation: (value) => (known.has(value) ? undefined : `must be ${called}`),
  });
}

/**
 * A list of `min` to `max` objects that are DTOs themselves. `violation` judges the list as a whole, before its items are
 * checked one by one: an item that is no object is null there, and fields may be of a wrong type.
 */
export function ListField<T extends object>(
  item: Dto<T>,
  options: {
    readonly min: number;
    readonly max: number;
    readonly violation?: (items: readonly (T | null)[]) => string | undefined;
  },
): FieldDecorator<T[]> {
  const { min, max, violation } = options;
  const isTaken = (value: unknown): value is unknown[] =>
    Array.isArray(value) && value.length >= min && value.length <= max;
  const field = Field<T[]>({
    schema: { type: 'array', items: item, minItems: min, maxItems: max },
    // class-validator refuses null and would look into a list for objects.
    read: (sent) => (isTaken(sent) ? sent.map((one) => (isObject(one) ? instanceOf(item, one) : null)) : sent),
    violation: (value) =>
      isTaken(value) ? violation?.(value as (T | null)[]) : `must be a list of ${min} to ${max} items`,
  });
  return (prototype, property) => {
    field(prototype, property);
    ValidateNested({ message: 'must be an object' })(prototype, property);
  };
}

/** A query parameter in plain digits, from `min` to `max`. Absent it is the default; null makes it optional, without one it is required. */
export function QueryIntegerField<D extends number | null = never>(options: {
  readonly min: number;
  readonly max?: number;
  readonly default?: D;
}): FieldDecorator<number | D> {
  const { min, max = Number.MAX_SAFE_INTEGER, default: absent } = options;
  const schema = { type: 'integer', minimum: min, maximum: max };
  return Field<number | D>({
    schema: typeof absent === 'number' ? { ...schema, default: absent } : schema,
    ...(absent !== undefined && { absent }),
    read: (sent) => (typeof sent === 'string' && /^\d{1,16}$/.test(sent) ? Number(sent) : sent),
    violation: (value) =>
      isWhole(value, min, max) ? undefined : `must be a whole number from ${min} to ${max} in plain digits`,
  });
}

function FieldOrNull<T, P extends Presence>(
  presence: P | undefined,
  kind: FieldKind<T>,
): FieldDecorator<Present<T, P>> {
  if (!presence?.optional) return Field<T>(kind) as FieldDecorator<Present<T, P>>;
  const schema = { anyOf: [kind.schema, { type: 'null' }] };
  return Field<T | null>({ ...kind, schema, absent: null }) as FieldDecorator<Present<T, P>>;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isLengthUpTo(text: string, max: number): boolean {
  if (text.length <= max) return text.length > 0;
  return text.length <= 2 * max && [...text].length <= max;
}
