import fc from 'fast-check';
import { ManualClock } from './manual-clock.js';
import { seededEntropy } from './seeded-entropy.js';
import { isUuid, uuidBytes, uuidFromBytes, uuidText, uuidV7 } from './uuid.js';

describe('a UUID v7', () => {
  const clock = new ManualClock(Date.UTC(2026, 10, 25, 19, 3, 21, 123));
  const entropy = seededEntropy(1);

  it('carries the time in its first 48 bits, and its version and variant', () => {
    const uuid = uuidV7(clock, entropy);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidBytes(uuid).readUIntBE(0, 6)).toBe(clock.now());
  });

  it('made later sorts later, and none comes twice', () => {
    const uuids = Array.from({ length: 1000 }, () => {
      clock.advance(1);
      return uuidV7(clock, entropy);
    });
    expect(uuids.toSorted()).toEqual(uuids);
    const atOnce = Array.from({ length: 10_000 }, () => uuidV7(clock, entropy));
    expect(new Set(atOnce).size).toBe(10_000);
  });
});

describe('a UUID made from bytes', () => {
  it('keeps all bits but those of version and variant, and leaves the bytes as they were', () => {
    const sixteen = fc.uint8Array({ minLength: 16, maxLength: 20 });
    fc.assert(
      fc.property(sixteen, fc.constantFrom<7 | 8>(7, 8), (bytes, version) => {
        const given = Uint8Array.from(bytes);
        const uuid = uuidFromBytes(bytes, version);
        const made = uuidBytes(uuid);
        expect(bytes).toEqual(given);
        expect(isUuid(uuid)).toBe(true);
        expect(made[6]! >> 4).toBe(version);
        expect(made[8]! >> 6).toBe(0b10);
        const expected = Buffer.from(given.subarray(0, 16));
        expected[6] = made[6]!;
        expected[8] = made[8]!;
        expect(made).toEqual(expected);
        expect([made[6]! & 0x0f, made[8]! & 0x3f]).toEqual([given[6]! & 0x0f, given[8]! & 0x3f]);
      }),
    );
  });
});

describe('the text of a UUID', () => {
  it('has every byte in its place, whatever the version', () => {
    const text = uuidText(Uint8Array.from({ length: 16 }, (_, index) => 0x11 * index));
    expect(text).toBe('00112233-4455-6677-8899-aabbccddeeff');
  });
});

describe('isUuid', () => {
  it.each(['01890b3e-7c4a-7000-8000-0123456789ab', '01890B3E-7C4A-1000-B000-0123456789AB'])('takes %s', (text) =>
    expect(isUuid(text)).toBe(true),
  );

  it.each([
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['max', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['version 9', '01890b3e-7c4a-9000-8000-0123456789ab'],
    ['another variant', '01890b3e-7c4a-7000-c000-0123456789ab'],
    ['braces', '{01890b3e-7c4a-7000-8000-0123456789ab}'],
    ['no hyphens', '01890b3e7c4a700080000123456789ab'],
    ['a line end', '01890b3e-7c4a-7000-8000-0123456789ab\n'],
    ['no text', 7],
  ])('refuses %s', (_, value) => expect(isUuid(value)).toBe(false));
});
