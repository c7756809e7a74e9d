import type { Static, TObject } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/** One schema version of an event's data. */
export interface EventVersion {
  /** JSON Schema 2020-12 as plain JSON, with `$schema`, `$id` and `title`. */
  readonly schema: JsonSchema;
  /** What is wrong with `data`, each entry `<JSON pointer> <what was expected>`, at most `violationsMax` of them; empty means
   *  valid. Entries never repeat a value of the data. Unknown fields are no violation (see the README). */
  violations(data: unknown): readonly string[];
}

/** All that a reader needs to turn the stored data of one event type, of any version, into today's. */
export interface EventContract {
  /** The version that is written today: the highest of `versions`. */
  readonly currentVersion: number;
  readonly versions: { readonly [version: number]: EventVersion };
  /** Pure functions: the one under n turns data that is valid in version n into data of version n + 1. */
  readonly upcasters: { readonly [fromVersion: number]: Upcaster };
}

/** Takes data that is valid in one version and returns new data of the next; fields it does not know it hands on. */
export type Upcaster = (data: object) => object;

/** A JSON Schema document as plain JSON. */
export type JsonSchema = { readonly $id: string; readonly [keyword: string]: unknown };

/** The data type that a schema describes, deeply readonly. */
export type DataOf<S extends TObject> = Immutable<Static<S>>;

type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/** How many violations one check lists; more say nothing new about a broken event. */
export const violationsMax = 20;

/** The name of one version's schema, a URI: `$id` of the schema and CloudEvents' `dataschema`. */
export function orderEventSchemaId(eventType: string, version: number): string {
  return `urn:chronicle:orders:${eventType}:${version}`;
}

/** Makes the contract of one event type; schemas are compiled here, once per process. */
export function eventContract(
  eventType: string,
  schemas: { readonly [version: number]: TObject },
  upcasters: { readonly [fromVersion: number]: Upcaster } = {},
): EventContract {
  const versions: { [version: number]: EventVersion } = {};
  for (const [version, schema] of Object.entries(schemas)) {
    versions[Number(version)] = eventVersion(eventType, Number(version), schema);
  }
  return { currentVersion: Math.max(...Object.keys(schemas).map(Number)), versions, upcasters };
}

/** Lifts a typed step into an `Upcaster`. The cast is sound because a reader checks data against its version before the step. */
export function upcaster<From extends TObject, To extends TObject>(step: (data: DataOf<From>) => DataOf<To>): Upcaster {
  return (data) => step(data as DataOf<From>) as object;
}

const valid: readonly string[] = [];

function eventVersion(eventType: string, version: number, schema: TObject): EventVersion {
  const compiled = TypeCompiler.Compile(schema);
  return {
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: orderEventSchemaId(eventType, version),
      title: `${eventType} version ${version}`,
      ...(JSON.parse(JSON.stringify(schema)) as object), // TypeBox keeps its own marks under symbols; JSON drops them
    },
    violations(data) {
      if (compiled.Check(data)) return valid;
      const found: string[] = [];
      for (const { path, message } of compiled.Errors(data)) {
        if (found.push(`${path || '/'} ${message}`) === violationsMax) break;
      }
      return found;
    },
  };
}
