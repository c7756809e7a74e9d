import { TOKEN_MAX, TOKEN_MIN } from '@chronicle/cql';
import { seededEntropy, uuidFromBytes } from '@chronicle/seams';
import { BUCKET_COUNT, bucketOf, tokenOf, tokensOf } from './buckets.js';

describe('buckets', () => {
  it('cover the ring', () => {
    expect(tokensOf(0).after).toBe(TOKEN_MIN);
    expect(tokensOf(BUCKET_COUNT - 1).upTo).toBe(TOKEN_MAX);
    for (let bucket = 1; bucket < BUCKET_COUNT; bucket += 1)
      expect(tokensOf(bucket).after).toBe(tokensOf(bucket - 1).upTo);
  });

  it('have the tokens of their aggregates', () => {
    const entropy = seededEntropy(7);
    for (let count = 0; count < 1000; count += 1) {
      const id = uuidFromBytes(entropy.bytes(16), 8);
      const { after, upTo } = tokensOf(bucketOf(id));
      const token = tokenOf(id);
      expect(token > after && token <= upTo).toBe(true);
    }
  });
});
