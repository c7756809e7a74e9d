import { nearest } from './nearest.js';

describe('the nearest name', () => {
  it.each([
    ['verfy', 'verify'],
    ['event', 'events'],
    ['audits', 'audit'],
    ['order', 'order'],
  ])('of %s is %s', (text, expected) => {
    expect(nearest(text, ['events', 'order', 'verify', 'audit'])).toBe(expected);
  });
});
