import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventContract, JsonSchema } from './event-contract.js';
import { orderEventContracts, orderEventSchemas } from './order-events.js';

// The golden corpus holds, per version ever released, texts as they lie in some store and what today's readers must make of them.
const folder = join(import.meta.dirname, '..', 'corpus');
const digestsFile = 'released-schemas.json';
const contracts: { readonly [eventType: string]: EventContract } = orderEventContracts;

interface GoldenCase {
  readonly name: string;
  readonly stored: string;
  readonly upcast: object;
}

const corpusFiles = readdirSync(folder).filter((file) => file !== digestsFile);
const released = readJson(digestsFile) as { readonly [typeAndVersion: string]: string };

describe('golden corpus', () => {
  it('has a file for every version of every event, and every step of each chain is there', () => {
    expect(gaps(contracts, corpusFiles)).toEqual([]);
  });

  it('names a missing version, a missing step and a missing file', () => {
    const { versions, upcasters } = contracts.OrderCreated;
    const broken = {
      OrderCreated: { currentVersion: 3, versions: { 2: versions[2], 3: versions[2] }, upcasters: { 1: upcasters[1] } },
    };
    expect(gaps(broken, ['OrderCreated.v1.json', 'OrderCreated.v3.json'])).toEqual([
      'OrderCreated: version 1 has no schema',
      'OrderCreated: no upcaster from version 2 to 3',
      'OrderCreated: corpus/OrderCreated.v2.json is missing',
    ]);
  });

  it('names a version beyond the current one and a file of no version', () => {
    const { versions } = contracts.OrderConfirmed;
    const broken = {
      OrderConfirmed: { currentVersion: 1, versions: { 1: versions[1], 2: versions[1] }, upcasters: {} },
    };
    expect(gaps(broken, ['OrderConfirmed.v1.json', 'OrderConfirmed.v9.json'])).toEqual([
      'OrderConfirmed: version 2 is beyond the current version 1',
      'corpus/OrderConfirmed.v9.json belongs to no version',
    ]);
  });

  describe.each(corpusFiles)('%s', (file) => {
    const [, eventType, version] = /^(\w+)\.v(\d+)\.json$/.exec(file)!;
    const contract = contracts[eventType];
    const cases = readJson(file) as readonly GoldenCase[];

    it('is not empty', () => expect(cases).not.toEqual([]));

    it.each(cases)(
      'given $name, when read, then it is valid in its version and upcast to today',
      ({ stored, upcast }) => {
        let data = JSON.parse(stored) as object;
        expect(contract.versions[Number(version)].violations(data)).toEqual([]);
        for (let from = Number(version); from < contract.currentVersion; from++) {
          const before = structuredClone(data);
          const next = contract.upcasters[from](data);
          expect(data).toEqual(before); // a step returns new data; it never changes what it was given
          expect(contract.versions[from + 1].violations(next)).toEqual([]);
          data = next;
        }
        expect(data).toEqual(upcast);
      },
    );
  });
});

describe('released schemas', () => {
  it('are the ones that were released: a change of a schema is a new version', () => {
    const digests = Object.entries(orderEventSchemas()).map(([key, schema]) => [key, digest(schema)]);
    expect(Object.fromEntries(digests)).toEqual(released);
  });

  it('have a digest that moves with any keyword, not with the order of keywords', () => {
    const schema = { $id: 'urn:x', type: 'object', properties: { a: { minimum: 1, type: 'integer' } } };
    expect(digest({ properties: { a: { type: 'integer', minimum: 1 } }, type: 'object', $id: 'urn:x' })).toBe(
      digest(schema),
    );
    expect(digest({ ...schema, properties: { a: { minimum: 2, type: 'integer' } } })).not.toBe(digest(schema));
  });
});

function gaps(all: { readonly [eventType: string]: EventContract }, files: readonly string[]): string[] {
  const found: string[] = [];
  const expectedFiles = new Set<string>();
  for (const [eventType, { currentVersion, versions, upcasters }] of Object.entries(all)) {
    for (let version = 1; version <= currentVersion; version++) {
      const file = `${eventType}.v${version}.json`;
      expectedFiles.add(file);
      if (!(version in versions)) found.push(`${eventType}: version ${version} has no schema`);
      if (version < currentVersion && !(version in upcasters)) {
        found.push(`${eventType}: no upcaster from version ${version} to ${version + 1}`);
      }
      if (!files.includes(file)) found.push(`${eventType}: corpus/${file} is missing`);
    }
    for (const version of Object.keys(versions).filter((key) => Number(key) > currentVersion)) {
      found.push(`${eventType}: version ${version} is beyond the current version ${currentVersion}`);
    }
  }
  const strays = files.filter((file) => !expectedFiles.has(file)).map((file) => `corpus/${file} belongs to no version`);
  return [...found, ...strays];
}

function digest(schema: JsonSchema): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(schema)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}
