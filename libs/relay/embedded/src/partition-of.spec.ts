import { partitionOf } from './partition-of.js';

describe('the partition of a key', () => {
  it('never changes: a message published today lies with those of years ago', () => {
    const published = { '': 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 }; // the test vectors of FNV-1a, 32 bits
    for (const [key, hash] of Object.entries(published)) expect(partitionOf(key, 1_000_003)).toBe(hash % 1_000_003);
    expect(partitionOf('019ac0de-0000-7000-8000-00000000000a', 4)).toBe(0);
  });

  it('spreads keys over all partitions', () => {
    const counts = [0, 0, 0, 0];
    for (let key = 0; key < 4000; key += 1) counts[partitionOf(`00000000-0000-7000-8000-${key}`, 4)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});
