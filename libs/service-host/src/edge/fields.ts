import { UUID_PATTERN } from '@chronicle/seams';
import { z } from 'zod';

/** Control characters (C0, DEL, C1), and halves of a surrogate pair without the other. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** What a schema makes of its field: the type of a body or query that was checked with it. */
export type FieldsOf<S extends z.ZodType> = z.output<S>;

/** "is required" for what is absent, else what the field must be. */
function must(be: string) {
  return (issue: { readonly input?: unknown }) => (issue.input === undefined ? 'is required' : `must be ${be}`);
}

/**
 * The kinds of fields of the HTTP contract, as zod schemas with messages of our own. They serve bodies and query parameters
 * alike; a query parameter arrives as a text, and as an array when it is repeated, which no kind accepts.
 */
export const fields = {
  /** An object with these fields and no others. */
  object<S extends z.core.$ZodLooseShape>(shape: S) {
    return z.strictObject(shape, {
      error: (issue) => (issue.code === 'invalid_type' ? must('an object')(issue) : undefined),
    });
  },

  /** An array of `min` to `max` items. */
  list<S extends z.ZodType>(item: S, { min, max }: { min: number; max: number }) {
    const message = `must be a list of ${min} to ${max} items`;
    return z
      .array(item, { error: must(`a list of ${min} to ${max} items`) })
      .min(min, message)
      .max(max, message);
  },

  /** May be absent or null, and is null then. */
  optional<S extends z.ZodType>(field: S) {
    return field.nullable().prefault(null);
  },

  /** A UUID of RFC 9562 in either case; comes out in lower case. */
  uuid() {
    return z
      .string({ error: must('a UUID') })
      .regex(UUID_PATTERN, 'must be a UUID')
      .toLowerCase()
      .meta({ format: 'uuid' });
  },

  /** A text of 1 to `max` characters (code points) without control characters and lone surrogates. */
  text(max: number) {
    return z
      .string({ error: must('a text') })
      .refine((text) => isLengthUpTo(text, max), `must be 1 to ${max} characters`)
      .refine((text) => !UNPRINTABLE.test(text), 'must be without control characters and lone surrogates')
      .meta({ minLength: 1, maxLength: max });
  },

  /** A JSON number that is whole, from `min` to `max` (2^53 − 1 unless said otherwise). */
  integer({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) {
    const message = `must be a whole number from ${min} to ${max}`;
    const error = must(`a whole number from ${min} to ${max}`);
    return z
      .int({ error, abort: true }) // or a number beyond 2^53 would be named twice
      .min(min, message)
      .max(max, message)
      .overwrite((value) => value + 0); // -0 becomes 0
  },

  /** One of the texts listed. */
  oneOf<const V extends readonly string[]>(values: V) {
    return z.enum(values, { error: must(`one of ${values.join(', ')}`) });
  },

  /** A query parameter in plain digits, from `min` to `max`. Absent it is the default; null makes it optional, without one it is required. */
  queryInteger<D extends number | null = never>(options: { min: number; max?: number; default?: D }) {
    const { min, max = Number.MAX_SAFE_INTEGER } = options;
    const range = `a whole number from ${min} to ${max} in plain digits`;
    const integer = z
      .string({ error: must(range) })
      .regex(/^\d{1,16}$/, `must be ${range}`)
      .transform(Number)
      .pipe(
        z
          .int({ error: `must be ${range}`, abort: true })
          .min(min, `must be ${range}`)
          .max(max, `must be ${range}`),
      );
    const described = { type: 'integer', pattern: undefined, minimum: min, maximum: max } as const;
    const fallback = options.default;
    if (fallback === undefined) return integer.meta(described) as z.ZodType<number | D>;
    const description = fallback === null ? 'May be left out' : `${fallback} when left out`;
    const optional = integer.optional().transform((value) => value ?? fallback);
    return optional.meta({ ...described, description }) as z.ZodType<number | D>;
  },
};

function isLengthUpTo(text: string, max: number): boolean {
  if (text.length <= max) return text.length > 0;
  return text.length <= 2 * max && [...text].length <= max;
}
