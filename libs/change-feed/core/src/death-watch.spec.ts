import { DeathWatch } from './death-watch.js';

const TIMEOUT_MS = 10_000;
const instance = (beat: number, ended = false) => ({ instanceId: 'a', beat, controlRevision: 0, ended });

describe('DeathWatch', () => {
  it('given a beat that stands still, then the instance is dead after the timeout and not before', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    for (const now of [0, 5000, TIMEOUT_MS - 1]) watch.observe([instance(1)], [], now);
    expect(watch.isDead('a', TIMEOUT_MS - 1)).toBe(false);
    expect(watch.isDead('a', TIMEOUT_MS)).toBe(true);
  });

  it('given a beat that moves, then the time starts again, also when it moves back', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([instance(2)], [], 0);
    watch.observe([instance(1)], [], 9000);
    expect(watch.isDead('a', 18_999)).toBe(false);
    expect(watch.isDead('a', 19_000)).toBe(true);
  });

  it('given a read that failed, then the time starts again: an outage is nobody’s death', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([instance(1)], [], 0);
    watch.restart();
    watch.observe([instance(1)], [], 12_000);
    expect(watch.isDead('a', 12_000)).toBe(false);
    expect(watch.isDead('a', 22_000)).toBe(true);
  });

  it('given an observer that stood still itself, then the time starts again', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([instance(1)], [], 0);
    watch.observe([instance(1)], [], 12_000);
    expect(watch.isDead('a', 12_000)).toBe(false);
    expect(watch.isDead('a', 22_000)).toBe(true);
  });

  it('given an instance that is known to have ended, then it is dead at once', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([instance(1, true)], [], 0);
    expect(watch.isDead('a', 0)).toBe(true);
  });

  it('given an owner without a row, then it is dead after the timeout; one that was never seen is not', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([], ['a'], 0);
    expect(watch.isDead('a', TIMEOUT_MS - 1)).toBe(false);
    expect(watch.isDead('a', TIMEOUT_MS)).toBe(true);
    expect(watch.isDead('b', TIMEOUT_MS)).toBe(false);
  });

  it('given an instance that is gone and comes back, then it is watched anew', () => {
    const watch = new DeathWatch(TIMEOUT_MS);
    watch.observe([instance(1)], [], 0);
    watch.observe([], [], 9000);
    watch.observe([instance(1)], [], 9500);
    expect(watch.isDead('a', TIMEOUT_MS)).toBe(false);
  });
});
