import { timestampText } from './clock.js';
import { ManualClock } from './manual-clock.js';
import { systemClock } from './system-clock.js';

describe('timestampText', () => {
  it('is RFC 3339 in UTC with milliseconds, always 24 characters', () => {
    expect(timestampText(Date.UTC(2026, 10, 25, 19, 3, 21, 7))).toBe('2026-11-25T19:03:21.007Z');
    expect(timestampText(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('the clock of the system', () => {
  it('tells the time and sleeps', async () => {
    const before = { now: systemClock.now(), monotonic: systemClock.monotonic() };
    await systemClock.sleep(20);
    expect(systemClock.monotonic() - before.monotonic).toBeGreaterThan(15);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before.now);
  });

  it('wakes at once when aborted, before or meanwhile', async () => {
    const start = systemClock.monotonic();
    await systemClock.sleep(60_000, AbortSignal.abort());
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort();
    await sleeping;
    expect(systemClock.monotonic() - start).toBeLessThan(5000);
  });
});

describe('a manual clock', () => {
  it('stands still until it is told, and wakes those who are due, earliest first', async () => {
    const clock = new ManualClock(1000);
    const log: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      log.push(name);
    };
    const sleeping = [sleep('late', 30), sleep('early', 10), sleep('later', 31)];
    await clock.sleep(0);
    expect(clock.sleeping).toBe(3);
    clock.advance(30);
    await Promise.all(sleeping.slice(0, 2));
    expect([log, clock.sleeping, clock.now(), clock.monotonic()]).toEqual([['early', 'late'], 1, 1030, 30]);
  });

  it('may be set back without touching durations', () => {
    const clock = new ManualClock(1000);
    clock.advance(5);
    clock.set(10);
    expect([clock.now(), clock.monotonic()]).toEqual([10, 5]);
  });

  it('wakes who is aborted', async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    const sleeping = clock.sleep(10, abort.signal);
    abort.abort();
    await sleeping;
    await clock.sleep(10, abort.signal);
    expect(clock.sleeping).toBe(0);
  });
});
