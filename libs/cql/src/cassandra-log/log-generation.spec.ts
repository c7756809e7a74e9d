import { TOKEN_MAX, TOKEN_MIN, streamToken } from '@chronicle/scylla-cdc';
import { seededEntropy } from '@chronicle/seams';
import { generationOfTablets, generationOfVnodes, newGeneration, streamOf } from './log-generation.js';

const entropy = seededEntropy(1);
const rangeIndexOf = (id: Buffer) => Number((id.readBigUInt64BE(8) >> 4n) & 0x3fffffn);

describe('a generation in the style of vnodes', () => {
  const generation = newGeneration(1000, { style: 'vnodes', ranges: 5, shards: 3 }, entropy);

  it('has a sorted cover of the ring, and one stream for each range and shard, with the number of its range', () => {
    expect(generation.ranges).toHaveLength(5);
    expect(generation.ranges.at(-1)!.end).toBe(TOKEN_MAX);
    let before = TOKEN_MIN - 1n;
    for (const [index, { end, streams }] of generation.ranges.entries()) {
      expect(end).toBeGreaterThan(before);
      expect(streams).toHaveLength(3);
      for (const id of streams) {
        expect(rangeIndexOf(id)).toBe(index);
        expect(streamToken(id)).toBeGreaterThan(before);
        expect(streamToken(id)).toBeLessThanOrEqual(end);
      }
      before = end;
    }
    const ids = generation.ranges.flatMap(({ streams }) => streams.map((id) => id.toString('hex')));
    expect(new Set(ids).size).toBe(15);
  });

  it('gives a token to the range that ends at or after it', () => {
    for (const [index, { end }] of generation.ranges.entries()) {
      expect(rangeIndexOf(streamOf(generation, end))).toBe(index);
      expect(rangeIndexOf(streamOf(generation, end + 1n > TOKEN_MAX ? TOKEN_MIN : end + 1n))).toBe((index + 1) % 5);
    }
    expect(rangeIndexOf(streamOf(generation, TOKEN_MIN))).toBe(0);
  });

  it('uses every shard of a range, and always the same for a token', () => {
    const used = new Set<string>();
    for (let token = 0n; token < 2n ** 52n; token += 2n ** 46n) used.add(streamOf(generation, token).toString('hex'));
    expect(used.size).toBe(3);
  });

  it('read back in whatever order, is the same', () => {
    const shuffled = [...generation.ranges]
      .reverse()
      .map(({ end, streams }) => ({ end, streams: [streams[2]!, streams[0]!, streams[1]!] }));
    expect(generationOfVnodes(1000, shuffled)).toEqual(generation);
  });
});

describe('a generation in the style of tablets', () => {
  const generation = newGeneration(1000, { style: 'tablets', ranges: 4 }, entropy);

  it('has one stream for each tablet, at its last token, all with number 0', () => {
    for (const { end, streams } of generation.ranges) {
      expect(streams.map(streamToken)).toEqual([end]);
      expect(streams.map(rangeIndexOf)).toEqual([0]);
    }
  });

  it('gives a token to the stream with the smallest token that is not before it', () => {
    for (const [index, { end, streams }] of generation.ranges.entries()) {
      expect(streamOf(generation, end)).toBe(streams[0]);
      const behind = end + 1n > TOKEN_MAX ? TOKEN_MIN : end + 1n;
      expect(streamOf(generation, behind)).toBe(generation.ranges[(index + 1) % 4]!.streams[0]);
    }
  });

  it('read back in whatever order, is the same', () => {
    const streams = generation.ranges.map((range) => range.streams[0]!).reverse();
    expect(generationOfTablets(1000, streams)).toEqual(generation);
  });
});

describe('a generation', () => {
  it.each([0, 4097])('of %d ranges is refused', (ranges) =>
    expect(() => newGeneration(0, { style: 'vnodes', ranges }, entropy)).toThrow(RangeError),
  );
});
