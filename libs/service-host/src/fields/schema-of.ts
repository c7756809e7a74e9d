import { fieldsOf, type Dto, type Schema } from './field.js';

/** The JSON Schema of what a client may send, or of what it is answered: there every field is, if only as null. */
export function schemaOf(schema: Schema, use: 'sent' | 'answered'): Record<string, unknown> {
  if (typeof schema === 'function') return objectSchema(schema, use);
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, resolved(value, use)]));
}

function objectSchema(dto: Dto, use: 'sent' | 'answered'): Record<string, unknown> {
  const fields = [...fieldsOf(dto)];
  const required = fields.filter(([, { absent }]) => use === 'answered' || absent === undefined);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schemaOf(schema, use)])),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    additionalProperties: false,
  };
}

function resolved(value: unknown, use: 'sent' | 'answered'): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(each, use));
  const isSchema = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return isSchema ? schemaOf(value as Schema, use) : value;
}
