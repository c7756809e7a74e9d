import { BEGINNING, placeOf, placeText } from './feed-place.js';
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
