import { AnswerField, Field, type Dto, type FieldDecorator } from './field.js';
import { IntegerField, ListField, OneOfField, QueryIntegerField, TextField, UuidField } from './field-kinds.js';
import { readFields } from './read-fields.js';
import { schemaOf } from './schema-of.js';

/** A DTO whose one property, `field`, is declared with `declare`. */
function dtoOf<T>(declare: FieldDecorator<T>): Dto<{ field: T }> {
  class OneField {
    field!: T;
  }
  (declare as FieldDecorator<unknown>)(OneField.prototype as { field: unknown }, 'field');
  return OneField;
}

/** What the field makes of a value: `{ value }`, or `{ message }` of the one violation. */
function read<T>(declare: FieldDecorator<T>, value: unknown): { value: unknown } | { message: string } {
  const outcome = readFields(dtoOf(declare), value === undefined ? {} : { field: value });
  if ('value' in outcome) return { value: outcome.value.field };
  expect(outcome.violations).toEqual([{ field: 'field', message: expect.any(String) }]);
  return { message: outcome.violations[0]!.message };
}

const REQUIRED = { message: 'is required' };

describe('fields', () => {
  it('uuid takes every version of RFC 9562 in either case and answers lower case', () => {
    const upper = 'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6';
    expect(read(UuidField(), upper)).toEqual({ value: upper.toLowerCase() });
    for (const bad of ['', 'x', `${upper} `, '00000000-0000-0000-0000-000000000000', `{${upper}}`, 5, null]) {
      expect(read(UuidField(), bad)).toEqual({ message: 'must be a UUID' });
    }
    expect(read(UuidField(), undefined)).toEqual(REQUIRED);
  });

  it('text counts characters, not halves of them, and takes no control character', () => {
    const field = TextField(3);
    for (const good of ['a', ' ', 'abc', '\u{1f600}\u{1f600}\u{1f600}', '\u200d'])
      expect(read(field, good)).toEqual({ value: good });
    for (const bad of ['', 'abcd', '\u{1f600}\u{1f600}\u{1f600}\u{1f600}'])
      expect(read(field, bad)).toEqual({ message: 'must be 1 to 3 characters' });
    for (const bad of ['\u0000', '\n', '\u007f', '\u0085', '\ud800', '\udc00a']) {
      expect(read(field, bad)).toEqual({ message: 'must be without control characters and lone surrogates' });
    }
    for (const bad of [1, ['a'], {}, null]) expect(read(field, bad)).toEqual({ message: 'must be a text' });
  });

  it('integer takes whole JSON numbers in its range, and no texts', () => {
    const field = IntegerField({ min: 0 });
    for (const good of [0, 1, 2 ** 53 - 1]) expect(read(field, good)).toEqual({ value: good });
    expect(read(field, -0)).toEqual({ value: 0 });
    for (const bad of [-1, 1.5, 2 ** 53, Infinity, '1', true, [1]]) {
      expect(read(field, bad)).toEqual({ message: 'must be a whole number from 0 to 9007199254740991' });
    }
  });

  it.each([
    ['uuid', UuidField({ optional: true }), 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    ['text', TextField(5, { optional: true }), 'a'],
    ['integer', IntegerField({ min: 1, optional: true }), 1],
    ['oneOf', OneOfField(['A'], { optional: true }), 'A'],
  ] as [string, FieldDecorator<unknown>, unknown][])(
    'optional %s is null when it is absent or null, and judged when it is there',
    (_, field, good) => {
      expect(read(field, undefined)).toEqual({ value: null });
      expect(read(field, null)).toEqual({ value: null });
      expect(read(field, good)).toEqual({ value: good });
      expect(read(field, '')).toEqual({ message: expect.stringMatching(/^must be /) });
      expect(schemaOf(dtoOf(field), 'sent')).not.toHaveProperty('required');
      expect(schemaOf(dtoOf(field), 'answered')).toMatchObject({
        properties: { field: { anyOf: [expect.anything(), { type: 'null' }] } },
        required: ['field'],
      });
    },
  );

  it('queryInteger takes plain digits only', () => {
    const field = QueryIntegerField({ min: 1, max: 200, default: 50 });
    expect(read(field, undefined)).toEqual({ value: 50 });
    expect(read(field, '200')).toEqual({ value: 200 });
    for (const bad of ['', '0', '201', '1.0', '+1', '-1', '1e1', ' 1', '0x1', '٣', '99999999999999999', ['1', '2']]) {
      expect(read(field, bad)).toEqual({ message: 'must be a whole number from 1 to 200 in plain digits' });
    }
    expect(read(QueryIntegerField({ min: 1, default: null }), undefined)).toEqual({ value: null });
    expect(read(QueryIntegerField({ min: 1 }), undefined)).toEqual(REQUIRED);
    expect(schemaOf(dtoOf(field), 'sent')).toMatchObject({
      properties: { field: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
    });
  });

  it('oneOf names what it takes', () => {
    expect(read(OneOfField(['A', 'B']), 'B')).toEqual({ value: 'B' });
    for (const bad of ['b', '', 1, ['A'], null])
      expect(read(OneOfField(['A', 'B']), bad)).toEqual({ message: 'must be one of A, B' });
    expect(read(OneOfField(['A', 'B'], { called: 'a letter' }), 'b')).toEqual({ message: 'must be a letter' });
    expect(read(OneOfField(['A', 'B']), undefined)).toEqual(REQUIRED);
  });
});

class Item {
  @IntegerField({ min: 1 }) count!: number;
}

describe('a list', () => {
  const field = ListField(Item, {
    min: 1,
    max: 2,
    violation: (items) => (items.every((item) => item?.count === 7) ? 'must not all be 7' : undefined),
  });
  const messages = (sent: unknown) => {
    const outcome = readFields(dtoOf(field), { field: sent });
    return 'value' in outcome ? [] : outcome.violations.map((one) => `${one.field}: ${one.message}`);
  };

  it('makes DTOs of its items', () => {
    const outcome = readFields(dtoOf(field), { field: [{ count: 1 }, { count: 2 }] });
    expect(outcome).toEqual({ value: { field: [{ count: 1 }, { count: 2 }] } });
    expect('value' in outcome && outcome.value.field[0]).toBeInstanceOf(Item);
  });

  it.each([[[]], [[{}, {}, {}]], [{}], [{ 0: { count: 1 } }], ['ab'], [null]])('keeps its bounds: %j', (bad) => {
    expect(messages(bad)).toEqual(['field: must be a list of 1 to 2 items']);
  });

  it.each([[null], [[]], [[{ count: 1 }]], [5], ['a'], [true]])('takes no %j for an object', (bad) => {
    expect(messages([{ count: 1 }, bad])).toEqual(['field.1: must be an object']);
  });

  it('names the fields of its items, and those they do not know', () => {
    expect(messages([{}, { count: 1, price: 1, constructor: 1 }])).toEqual([
      'field.0.count: is required',
      'field.1.price: is not known here',
      'field.1.constructor: is not known here',
    ]);
  });

  it('is judged as a whole', () => {
    expect(messages([{ count: 7 }])).toEqual(['field: must not all be 7']);
  });
});

describe('a DTO', () => {
  class Parent {
    @IntegerField({ min: 1 }) a!: number;
  }
  class Child extends Parent {
    @TextField(1) b!: string;
  }

  it('has the fields of its parent, and leaves its parent alone', () => {
    expect(readFields(Child, { a: 1, b: 'b' })).toEqual({ value: { a: 1, b: 'b' } });
    expect(readFields(Parent, { a: 1, b: 'b' })).toEqual({
      violations: [{ field: 'b', message: 'is not known here' }],
    });
    expect(schemaOf(Child, 'sent')).toMatchObject({ required: ['a', 'b'] });
  });

  it.each(['b', 'toString', 'constructor', 'hasOwnProperty', '__proto__', '__defineGetter__', '?', '?a', ''])(
    'takes no field "%s"',
    (name) => {
      const sent: unknown = JSON.parse(`{"a":1,${JSON.stringify(name)}:1}`);
      expect(readFields(Parent, sent)).toEqual({ violations: [{ field: name, message: 'is not known here' }] });
    },
  );

  it.each([[null], [[]], ['a'], [1], [undefined]])('is not made of %j', (sent) => {
    expect(readFields(Parent, sent)).toEqual({ violations: [{ field: '', message: 'must be an object' }] });
  });

  it('takes nothing it inherits from what was sent', () => {
    const heir: unknown = Object.create({ a: 1 });
    expect(readFields(Parent, heir)).toEqual({ violations: [{ field: 'a', message: 'is required' }] });
  });

  it('describes answers with DTOs inside of schemas', () => {
    class Answer {
      @AnswerField({ type: 'array', items: Item }) list!: Item[];
      @AnswerField(Item) item!: Item;
    }
    const item = {
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } },
      required: ['count'],
      additionalProperties: false,
    };
    expect(schemaOf(Answer, 'answered')).toEqual({
      type: 'object',
      properties: { list: { type: 'array', items: item }, item },
      required: ['list', 'item'],
      additionalProperties: false,
    });
  });

  it('refuses, when compiled, a field that is of another type than its property', () => {
    class Compiled {
      @UuidField() id!: string | null; // a wider type is fine
      // @ts-expect-error it can be null
      @UuidField({ optional: true }) optionalId!: string;
      // @ts-expect-error it is a text
      @TextField(1) text!: number;
      // @ts-expect-error it can be B
      @OneOfField(['A', 'B']) letter!: 'A';
      // @ts-expect-error its items are Items
      @ListField(Item, { min: 1, max: 1 }) list!: string[];
      // @ts-expect-error it can be null
      @QueryIntegerField({ min: 1, default: null }) page!: number;
      // @ts-expect-error it is a number
      @Field<number>({ schema: {}, violation: () => undefined }) own!: string;
    }
    expect(Compiled).toBeDefined();
  });
});
