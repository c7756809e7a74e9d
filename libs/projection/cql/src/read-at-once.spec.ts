import { readAtOnce } from './read-at-once.js';

describe('sources that are read at once', () => {
  it('gives all that they give, and begins no more than it may', async () => {
    let open = 0;
    let mostOpen = 0;
    async function* source(name: string) {
      mostOpen = Math.max(mostOpen, (open += 1));
      for (const page of [1, 2, 3]) {
        await Promise.resolve();
        yield `${name}${page}`;
      }
      open -= 1;
    }
    const given: string[] = [];
    for await (const page of readAtOnce(['a', 'b', 'c', 'd', 'e'].map(source), 2)) given.push(page);
    expect(given.sort()).toEqual(['a', 'b', 'c', 'd', 'e'].flatMap((name) => [`${name}1`, `${name}2`, `${name}3`]));
    expect(mostOpen).toBe(2);
  });

  it('given a source that fails, then throws what it threw', async () => {
    const failing: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('away')) }),
    };
    await expect(readAtOnce([failing], 3).next()).rejects.toThrow('away');
  });
});
