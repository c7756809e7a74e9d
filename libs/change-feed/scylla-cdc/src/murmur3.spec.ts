import { createRequire } from 'node:module';
import { halvesOf, murmur3, tokenOf } from './murmur3.js';
import { bucketOfKey, partitionKeyEncoder, type KeyColumn } from './partition-key.js';
import { ReaderOptionsError } from './errors.js';

const { Murmur3Tokenizer } = createRequire(import.meta.url)('cassandra-driver/lib/tokenizer.js') as {
  Murmur3Tokenizer: new () => { hash(key: Buffer): { toString(): string; getValue(): { toString(): string } } };
};

function token(columns: readonly KeyColumn[], row: Record<string, unknown>): bigint {
  return tokenOf(murmur3(partitionKeyEncoder(columns)(row)));
}

describe('tokens of partition keys', () => {
  const single = (type: string, value: unknown) => token([{ name: 'k', type }], { k: value });

  it.each<[string, unknown, bigint]>([
    ['int', 0, -3485513579396041028n],
    ['int', 1, -4069959284402364209n],
    ['int', 2, -3248873570005575792n],
    ['int', 3, 9010454139840013625n],
    ['text', 'a', -8839064797231613815n],
    ['text', 'hello', -3758069500696749310n],
    ['text', 'äöü€', 2224399194528489049n],
  ])('trap 7.15: of %s %p', (type, value, expected) => {
    expect(single(type, value)).toBe(expected);
  });

  it('trap 7.15: of keys of several columns', () => {
    const ints = [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
    ];
    const texts = [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'text' },
    ];
    expect(token(ints, { a: 0, b: 0 })).toBe(-5530785643908655543n);
    expect(token(texts, { a: 'orders', b: 'o-1' })).toBe(-5045202764821945471n);
  });

  it('trap 7.15: equal those of the driver for keys of every length, whose bytes are signed', () => {
    const driver = new Murmur3Tokenizer();
    for (let index = 0; index < 3_000; index += 1) {
      const key = Buffer.from(
        Array.from({ length: index % 49 }, (_, at) => (index * 131 + at * 197 + at * at * index) % 256),
      );
      expect(tokenOf(murmur3(key))).toBe(BigInt(driver.hash(key).getValue().toString()));
    }
  });

  it('trap 7.15: are the same for every form of a value', () => {
    const bytes = Buffer.from('0190aa6e-7d0c-7c3e-9b6c-0d4f8f6f2a11'.replaceAll('-', ''), 'hex');
    expect(single('uuid', '0190aa6e-7d0c-7c3e-9b6c-0d4f8f6f2a11')).toBe(single('uuid', bytes));
    expect(single('bigint', 5n)).toBe(single('bigint', 5));
    expect(single('timestamp', new Date(5))).toBe(single('timestamp', '1970-01-01T00:00:00.005Z'));
  });

  it('survive the way through halves', () => {
    for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), -3485513579396041028n])
      expect(tokenOf(halvesOf(value))).toBe(value);
  });

  it('cannot be computed for a type that is not known, which is said with what to do', () => {
    expect(() => bucketOfKey({ k: 1 }, [{ name: 'k', type: 'duration' }], 2)).toThrow(ReaderOptionsError);
    expect(bucketOfKey({ k: 1 }, [{ name: 'k', type: 'duration' }], 1)).toBe(0);
  });
});
