import { BEGINNING, isBehind, placeOf, placeText } from './feed-place.js';
import type { FeedPlace } from './feed-place.js';

const log = 'v1/1766000000000/1766000000000000/1765999400000000';

describe('a place in the feed', () => {
  it.each<FeedPlace>([
    BEGINNING,
    { mode: 'log', from: log, newest: undefined },
    { mode: 'log', from: log, newest: 1766000000000123n },
    { mode: 'scan', after: -(2n ** 63n), logFrom: log },
    { mode: 'scan', after: 2n ** 63n - 1n, logFrom: log },
  ])('as text names the same place: %o', (place) => expect(placeOf(placeText(place))).toEqual(place));

  it('given no checkpoint, then it is the beginning', () => expect(placeOf(null)).toEqual(BEGINNING));

  it.each(['42', 'scan - v1/-/1/1', 'log 1', ''])(
    'given the checkpoint "%s" of something else, then it is refused',
    (text) => expect(() => placeOf(text)).toThrow(RangeError),
  );
});

describe('of two checkpoints of a bucket', () => {
  const at = (micros: number) => `v1/1766000000000/${micros}/1765999400000000`;
  const early = at(1766000000000000);
  const late = at(1766000000000001);
  const inLog = (from: string) => placeText({ mode: 'log', from, newest: undefined });
  const inStore = (after: bigint, logFrom = early) => placeText({ mode: 'scan', after, logFrom });

  it.each([
    ['an earlier time of the log', inLog(early), inLog(late)],
    ['the beginning of the log', inLog('beginning'), inLog(early)],
    ['an earlier token of a scan', inStore(-1n), inStore(0n)],
    ['the log from before the scan', inLog(early), inStore(7n, late)],
  ])('%s is behind', (_, behind, other) => {
    expect([isBehind(behind, other), isBehind(other, behind)]).toEqual([true, false]);
  });

  it.each([
    ['the same time', inLog(early), inLog(early)],
    ['a scan that begins because the log has expired', inStore(0n), inLog(late)],
    ['another scan', inStore(0n, late), inStore(7n, early)],
    ['the log after the scan', inLog(early), inStore(7n, early)],
  ])('%s is not', (_, place, other) => expect(isBehind(place, other)).toBe(false));
});
