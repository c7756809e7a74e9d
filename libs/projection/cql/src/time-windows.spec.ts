import { dayOf, windowInDay, windowOf, windowOfDay } from './time-windows.js';

describe('the windows of time', () => {
  it('are ten seconds long, and 8,640 a day', () => {
    const window = windowOf('2026-11-28T00:00:19.999Z');
    expect(windowOf('2026-11-28T00:00:10.000Z')).toBe(window);
    expect(windowOf('2026-11-28T00:00:20.000Z')).toBe(window + 1);
    expect([dayOf(window), windowInDay(window)]).toEqual([Date.UTC(2026, 10, 28) / 86_400_000, 1]);
    expect(windowInDay(windowOf('2026-11-27T23:59:59.999Z'))).toBe(8639);
    expect(windowOfDay(dayOf(window), windowInDay(window))).toBe(window);
  });

  it('take what is earlier than 1970, or no time, for the first', () => {
    expect(['1969-12-31T23:59:59.999Z', 'soon', '', null].map(windowOf)).toEqual([0, 0, 0, 0]);
  });
});
