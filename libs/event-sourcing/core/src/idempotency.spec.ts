import { isUuid, ManualClock, seededEntropy, uuidBytes, uuidFromBytes, uuidV7 } from '@chronicle/seams';
import fc from 'fast-check';
import {
  bodyHash,
  canonicalJson,
  createdAggregateId,
  identifyCommand,
  isReceipt,
  newReceipt,
  scopedKey,
} from './idempotency.js';

const scope = { issuer: 'https://id.example', subject: 'user-7', method: 'POST', path: '/v1/orders' };

describe('canonicalJson', () => {
  it('gives the example of RFC 8785', () => {
    const value = JSON.parse(`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`) as unknown;
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units, at every depth, and keeps odd names', () => {
    const value = JSON.parse('{"\\ud83d\\ude02":1,"\\ufb33":2,"":{"b":[],"a":{}},"__proto__":3,"1":4}') as unknown;
    expect(canonicalJson(value)).toBe('{"":{"a":{},"b":[]},"1":4,"__proto__":3,"\ud83d\ude02":1,"\ufb33":2}');
  });

  it('gives equal texts for equal values, and for no others; and loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const turned: unknown = JSON.parse(JSON.stringify(left), (_, member: unknown) =>
          member !== null && typeof member === 'object' && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).reverse())
            : member,
        );
        expect(canonicalJson(turned)).toBe(canonicalJson(left));
        expect(canonicalJson(JSON.parse(canonicalJson(left)))).toBe(canonicalJson(left));
        const same = canonicalJson(left) === canonicalJson(right);
        expect(bodyHash(left) === bodyHash(right)).toBe(same);
      }),
    );
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });
});

describe('scopedKey', () => {
  it('is another for any other issuer, subject, method, path or key, and null is nobody’s name', () => {
    const keys = [
      scopedKey(scope, 'k'),
      scopedKey({ ...scope, issuer: null }, 'k'),
      scopedKey({ ...scope, issuer: 'null' }, 'k'),
      scopedKey({ ...scope, subject: 'user-8' }, 'k'),
      scopedKey({ ...scope, method: 'PUT' }, 'k'),
      scopedKey({ ...scope, path: '/v1/orders/1/items' }, 'k'),
      scopedKey(scope, 'k '),
      scopedKey({ ...scope, issuer: scope.issuer + '"', subject: 'ser-7' }, 'k'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(scopedKey({ ...scope }, 'k')).toBe(keys[0]);
  });
});

describe('a receipt', () => {
  const clock = new ManualClock();
  const entropy = seededEntropy(3);

  it('is a UUID v7 that is recognised in either case', () => {
    for (let round = 0; round < 1000; round += 1) {
      const receipt = newReceipt(clock, entropy);
      expect(isUuid(receipt) && receipt[14] === '7').toBe(true);
      expect(isReceipt(receipt) && isReceipt(receipt.toUpperCase())).toBe(true);
    }
    expect(new Set(Array.from({ length: 1000 }, () => newReceipt(clock, entropy))).size).toBe(1000);
  });

  it('with any bit changed is none', () => {
    const receipt = newReceipt(clock, entropy);
    for (let bit = 0; bit < 128; bit += 1) {
      const bytes = uuidBytes(receipt);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const hex = bytes.toString('hex');
      const text = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
      expect(isReceipt(text)).toBe(false);
    }
  });

  it.each([
    '',
    'order-7',
    uuidV7(clock, entropy),
    uuidFromBytes(Buffer.alloc(16), 8),
    ` ${newReceipt(clock, entropy)}`,
  ])('is not %j', (text) => expect(isReceipt(text)).toBe(false));
});

describe('the identity of a command', () => {
  const sources = { clock: new ManualClock(), entropy: seededEntropy(5) };
  const version = (id: string) => Number(id[14]);

  it('with a client’s key is the same for every repeat, and another for another key', () => {
    const first = identifyCommand(scope, 'my key', sources);
    expect(identifyCommand(scope, 'my key', sources)).toEqual(first);
    expect(first.key).toBe(scopedKey(scope, 'my key'));
    expect([isUuid(first.commandId), version(first.commandId)]).toEqual([true, 8]);
    expect(identifyCommand(scope, 'my Key', sources).commandId).not.toBe(first.commandId);
    expect([isUuid(createdAggregateId(first)), version(createdAggregateId(first))]).toEqual([true, 8]);
    expect(createdAggregateId(first)).not.toBe(first.commandId);
  });

  it('without a key is fresh each time; its id sent back as the key of a repeat, in any case, gives the same', () => {
    const first = identifyCommand(scope, undefined, sources);
    expect(identifyCommand(scope, undefined, sources)).not.toEqual(first);
    expect(identifyCommand(scope, first.commandId, sources)).toEqual(first);
    expect(identifyCommand(scope, first.commandId.toUpperCase(), sources)).toEqual(first);
    expect(identifyCommand({ ...scope, path: '/other' }, first.commandId, sources).key).not.toBe(first.key);
  });

  it('so the repeat of a creation without an id finds the same aggregate, whose id sorts by age', () => {
    const first = identifyCommand(scope, undefined, sources);
    const created = createdAggregateId(first);
    expect(createdAggregateId(identifyCommand(scope, first.commandId, sources))).toBe(created);
    expect([isUuid(created), version(created)]).toEqual([true, 7]);
    expect(created.slice(0, 13)).toBe(first.commandId.slice(0, 13));
    sources.clock.advance(1);
    expect(createdAggregateId(identifyCommand(scope, undefined, sources)) > created).toBe(true);
  });

  it('with a UUID of the client’s own as key is made from it like from any other', () => {
    const own = uuidV7(sources.clock, sources.entropy);
    const identity = identifyCommand(scope, own, sources);
    expect(identity).toEqual({ commandId: expect.stringMatching(/^.{14}8/), key: scopedKey(scope, own) });
  });
});
