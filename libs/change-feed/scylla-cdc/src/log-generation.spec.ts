import { streamIdOf } from './fake-scylla.fixture.js';
import { LogGeneration, tabletGroups, whyUnreadable } from './log-generation.js';
import { halvesOf } from './murmur3.js';

const GREATEST = 2n ** 63n - 1n;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('log generations', () => {
  it('give a bucket the streams that overlap it, of every shard', () => {
    const groups = [
      { rangeEnd: GREATEST, ids: [streamIdOf(5n, 1), streamIdOf(6n, 1)] },
      { rangeEnd: 0n, ids: [streamIdOf(-5n, 0), streamIdOf(-6n, 0)] },
    ];
    const generation = new LogGeneration(0n, groups, 4);
    expect(generation.streamsFor(new Set([0])).map(({ id }) => hex(id))).toEqual(groups[1]?.ids.map(hex));
    expect(generation.streamsFor(new Set([2]))).toHaveLength(4); // 0 itself belongs to the first range
    expect(generation.streamsFor(new Set([3])).map(({ id }) => hex(id))).toEqual(groups[0]?.ids.map(hex));
  });

  it('give a key on tablets the stream with the smallest token that is not below its own', () => {
    const ids = [streamIdOf(GREATEST, 0), streamIdOf(-1n, 0)];
    const generation = new LogGeneration(0n, tabletGroups(ids), 1);
    const holder = (token: bigint) => generation.streams.find((stream) => stream.holds(halvesOf(token)));
    expect(hex(holder(-3485513579396041028n)?.id ?? Buffer.of())).toMatch(/^ffffffffffffffff/); // token(int 0)
    expect(hex(holder(-1n)?.id ?? Buffer.of())).toMatch(/^ffffffffffffffff/);
    expect(hex(holder(0n)?.id ?? Buffer.of())).toMatch(/^7fffffffffffffff/);
  });

  it('wrap the tokens above the last range to the first', () => {
    const generation = new LogGeneration(
      0n,
      [
        { rangeEnd: 100n, ids: [streamIdOf(100n, 0)] },
        { rangeEnd: -100n, ids: [streamIdOf(-100n, 0)] },
      ],
      1,
    );
    const held = (token: bigint) =>
      generation.streams.filter((stream) => stream.holds(halvesOf(token))).map(({ id }) => id.readBigInt64BE());
    expect([held(101n), held(-100n), held(-99n), held(100n)]).toEqual([[-100n], [-100n], [100n], [100n]]);
  });

  it('trap 7.8: know streams by their bytes, not by reference', () => {
    const id = streamIdOf(5n, 0);
    const generation = new LogGeneration(0n, [{ rangeEnd: 5n, ids: [id] }], 1);
    expect(generation.stream(Buffer.from(id).toString('latin1'))?.id).toEqual(id);
    id.fill(0);
    expect(generation.streams[0]?.id.readBigInt64BE()).toBe(5n);
  });

  it('trap 8.4: are not readable without streams, or while vnodes that their streams name are missing', () => {
    expect(whyUnreadable([])).toBe('it has no streams');
    expect(whyUnreadable([{ rangeEnd: 0n, ids: [] }])).toBe('a part of the ring has no streams');
    expect(whyUnreadable([{ rangeEnd: 0n, ids: [streamIdOf(0n, 2)] }])).toBe(
      'its streams name 3 vnodes, but only 1 are there',
    );
    expect(whyUnreadable([{ rangeEnd: 0n, ids: [Buffer.alloc(8)] }])).toBe('a stream id is not of 16 bytes');
    expect(whyUnreadable([{ rangeEnd: 0n, ids: [streamIdOf(0n, 0)] }])).toBeUndefined();
  });
});
