import { z } from 'zod';
import { fields } from './fields.js';

/** What a field makes of a value: `{ value }`, or `{ message }` of the first violation. */
function read(field: z.ZodType, value: unknown): { value: unknown } | { message: string } {
  const result = field.safeParse(value);
  return result.success ? { value: result.data } : { message: result.error.issues[0]!.message };
}

const REQUIRED = { message: 'is required' };

describe('fields', () => {
  it('uuid takes every version of RFC 9562 in either case and answers lower case', () => {
    const upper = 'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6';
    expect(read(fields.uuid(), upper)).toEqual({ value: upper.toLowerCase() });
    for (const bad of ['', 'x', `${upper} `, '00000000-0000-0000-0000-000000000000', `{${upper}}`, 5, null]) {
      expect(read(fields.uuid(), bad)).toEqual({ message: 'must be a UUID' });
    }
    expect(read(fields.uuid(), undefined)).toEqual(REQUIRED);
  });

  it('text counts characters, not halves of them, and takes no control character', () => {
    const field = fields.text(3);
    for (const good of ['a', ' ', 'abc', '\u{1f600}\u{1f600}\u{1f600}', '\u200d'])
      expect(read(field, good)).toEqual({ value: good });
    for (const bad of ['', 'abcd', '\u{1f600}\u{1f600}\u{1f600}\u{1f600}'])
      expect(read(field, bad)).toEqual({ message: 'must be 1 to 3 characters' });
    for (const bad of ['\u0000', '\n', '\u007f', '\u0085', '\ud800', '\udc00a']) {
      expect(read(field, bad)).toEqual({ message: 'must be without control characters and lone surrogates' });
    }
    expect(read(field, 1)).toEqual({ message: 'must be a text' });
  });

  it('integer takes whole JSON numbers in its range, and no texts', () => {
    const field = fields.integer({ min: 0 });
    for (const good of [0, 1, 2 ** 53 - 1]) expect(read(field, good)).toEqual({ value: good });
    expect(Object.is(field.parse(-0), 0)).toBe(true);
    for (const bad of [-1, 1.5, 2 ** 53, Infinity, '1', true, [1]]) {
      expect(read(field, bad)).toEqual({ message: 'must be a whole number from 0 to 9007199254740991' });
    }
  });

  it('optional makes null of what is absent or null', () => {
    const field = fields.object({ reason: fields.optional(fields.text(5)) });
    expect(read(field, {})).toEqual({ value: { reason: null } });
    expect(read(field, { reason: null })).toEqual({ value: { reason: null } });
    expect(read(field, { reason: 'a' })).toEqual({ value: { reason: 'a' } });
    expect(read(field, { reason: '' })).toEqual({ message: 'must be 1 to 5 characters' });
  });

  it('list keeps its bounds', () => {
    const field = fields.list(fields.integer({ min: 1 }), { min: 1, max: 2 });
    expect(read(field, [1, 2])).toEqual({ value: [1, 2] });
    for (const bad of [[], [1, 2, 3], {}, 'ab', null])
      expect(read(field, bad)).toEqual({ message: 'must be a list of 1 to 2 items' });
    expect(field.safeParse([1, 0]).error?.issues[0]?.path).toEqual([1]);
  });

  it('object takes no other fields, not even those every object has', () => {
    const field = fields.object({ a: fields.integer({ min: 1 }) });
    for (const bad of [
      { a: 1, b: 1 },
      { a: 1, toString: 1 },
      { a: 1, constructor: 1 },
      JSON.parse('{"a":1,"__proto__":1}') as unknown,
    ]) {
      expect(field.safeParse(bad).error?.issues[0]).toMatchObject({ code: 'unrecognized_keys' });
    }
    for (const bad of [null, [], 'a', 1]) expect(read(field, bad)).toEqual({ message: 'must be an object' });
  });

  it('queryInteger takes plain digits only', () => {
    const field = fields.queryInteger({ min: 1, max: 200, default: 50 });
    expect(read(field, undefined)).toEqual({ value: 50 });
    expect(read(field, '200')).toEqual({ value: 200 });
    for (const bad of [
      '',
      '0',
      '201',
      '1.0',
      '+1',
      '-1',
      '1e1',
      ' 1',
      '0x1',
      '٣',
      '99999999999999999',
      ['1', '2'],
      5,
    ]) {
      expect(read(field, bad)).toEqual({ message: 'must be a whole number from 1 to 200 in plain digits' });
    }
    expect(read(fields.queryInteger({ min: 1, default: null }), undefined)).toEqual({ value: null });
    expect(read(fields.queryInteger({ min: 1 }), undefined)).toEqual(REQUIRED);
    expect(z.toJSONSchema(fields.object({ limit: field }), { io: 'input' })).toMatchObject({
      properties: { limit: { type: 'integer', minimum: 1, maximum: 200, description: '50 when left out' } },
    });
  });

  it('oneOf names what it takes', () => {
    expect(read(fields.oneOf(['A', 'B']), 'B')).toEqual({ value: 'B' });
    expect(read(fields.oneOf(['A', 'B']), 'b')).toEqual({ message: 'must be one of A, B' });
    expect(read(fields.oneOf(['A', 'B']), undefined)).toEqual(REQUIRED);
  });
});
