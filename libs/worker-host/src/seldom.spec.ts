import { ManualClock } from '@chronicle/seams';
import { seldom } from './seldom.js';

describe('a look that is taken seldom', () => {
  let clock: ManualClock;
  let looks: number;
  let takesMs: number;
  let look: () => Promise<number>;

  beforeEach(() => {
    clock = new ManualClock();
    looks = 0;
    takesMs = 100;
    look = seldom(async () => {
      const number = (looks += 1);
      await clock.sleep(takesMs);
      if (number === 2) throw new Error('nothing to be seen');
      return number;
    }, clock);
  });

  it('is shared by those who ask while it is under way', async () => {
    const both = Promise.all([look(), look()]);
    clock.advance(takesMs);
    expect(await both).toEqual([1, 1]);
  });

  it.each([
    ['is good for ten times as long as it took', 999, 1],
    ['is taken anew after that', 1_000, 2],
  ])('%s', async (_, laterMs, expected) => {
    const first = look();
    clock.advance(takesMs);
    await first;
    clock.advance(laterMs);
    look().catch(() => undefined);
    expect(looks).toBe(expected);
  });

  it('given one that failed, then the next who asks looks again', async () => {
    const first = look();
    clock.advance(takesMs);
    await first;
    clock.advance(1_000);
    const failing = expect(look()).rejects.toThrow('nothing to be seen');
    clock.advance(takesMs);
    await failing;
    const third = look();
    clock.advance(takesMs);
    expect(await third).toBe(3);
  });
});
