import { fieldsOf, type Dto, type FieldKind } from './field.js';

/**
 * Stands before the name of a field that the DTO does not know: class-validator looks names up in a plain object, so that
 * it would take `constructor` for a field it knows, and the class of an instance for what was sent under that name.
 */
export const UNKNOWN = '?';

/** So many violations are named in one answer, and so many unknown fields are looked at in one object. */
export const VIOLATIONS_MAX = 50;

/** An instance of the DTO with what was sent, for class-validator to judge. Fields that the DTO does not know are in it too, marked. */
export function instanceOf<T extends object>(dto: Dto<T>, sent: Readonly<Record<string, unknown>>): T {
  const fields = fieldsOf(dto);
  const instance = new dto();
  const values = instance as Record<string, unknown>;
  for (const [name, kind] of fields) values[name] = valueOf(kind, Object.hasOwn(sent, name) ? sent[name] : undefined);
  const unknown = Object.keys(sent).filter((name) => !fields.has(name));
  for (const name of unknown.slice(0, VIOLATIONS_MAX)) values[UNKNOWN + name] = sent[name];
  return instance;
}

/** Is it what JSON calls an object? */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueOf({ absent, read }: FieldKind<unknown>, sent: unknown): unknown {
  if (absent !== undefined && (sent === undefined || sent === null)) return absent;
  return read === undefined ? sent : read(sent);
}
