import { entityTag, hasEntity } from './entity-tag.js';

describe('hasEntity', () => {
  const tag = entityTag(3);

  it.each(['"3"', 'W/"3"', '*', '"1", "3"', '"1",W/"3" , "4"'])(
    'given %s, then version 3 is what the client has',
    (header) => {
      expect(hasEntity(header, tag)).toBe(true);
    },
  );

  it.each([undefined, '"2"', 'W/"33"', '"13", "31"'])('given %s, then it is not', (header) => {
    expect(hasEntity(header, tag)).toBe(false);
  });
});
